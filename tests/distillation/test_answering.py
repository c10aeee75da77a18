"""What networks answer, also programs, which have no layers."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from nas.distillation import Gradient, Hints, Response
from nas.distillation.answering import anatomy_of, features_of
from nas.distillation.kind import OVER_TIME
from nas.errors import UsageError
from nas.model.differentiable import differentiable
from nas.ops.sequence_modules import Recurrent
from tests.distillation.lessons import IMAGES, SEQUENCES, drawn


def test_a_program_teaches_what_needs_no_layers(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 3)).eval()
    program = torch.export.export(network, (drawn(4, 1, 8, 8),), dynamic_shapes=({0: torch.export.Dim.AUTO},))
    torch.export.save(program, tmp_path / "linear.pt2")
    teacher = str(tmp_path / "linear.pt2")
    fitted = IMAGES.taught(Response(), Gradient(), teacher=teacher, epochs=1)
    assert np.isfinite(fitted.curves["train_loss"]).all()
    with pytest.raises(UsageError, match=r"distill\.by\.hints\.layers: the teacher has no layers"):
        IMAGES.taught(Hints(), teacher=teacher)


def test_networks_are_looked_at_as_they_are() -> None:
    """In either mode, which stays."""
    network = SEQUENCES.bench.build(SEQUENCES.arch)
    found = []
    for training in (True, False):
        found.append(dict(anatomy_of(network.train(training), drawn(2, *SEQUENCES.shape))))
        assert all(one.training is training for one in network.modules())
    assert found[0] == found[1]


def test_layers_are_left_as_they_were_after_an_error() -> None:
    network = SEQUENCES.bench.build(SEQUENCES.arch)
    layer = network.gru1
    assert isinstance(layer, Recurrent)

    def run() -> None:
        with differentiable(network), features_of(network, ["gru1" + OVER_TIME, "gru1"]):
            assert (layer.last, torch.backends.cudnn.enabled) == (False, False)
            network(drawn(2, 5, 12))

    with pytest.raises(RuntimeError):
        run()
    assert (layer.last, torch.backends.cudnn.enabled) == (True, True)
