"""What workers do in the final stage is what `fine_tune` does, and their files are complete."""

import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from nas.data import Dataset
from nas.final import NETWORK_FILES
from nas.final.export import export_files
from nas.final.finalist import Final, final_seed, weights_of
from nas.final.fine_tune import fine_tune
from nas.final.finishing import Finishing
from nas.training import Recipe
from nas.trial import Trial

SHORT = Recipe(epochs=2, lr=0.02, batch_size=20)


@pytest.fixture
def finishing(stripes: Dataset, tmp_path: Path) -> Finishing:
    """One that reads weights where it leaves them."""
    return Finishing(stripes, SHORT, folder=tmp_path, finalists=tmp_path, name="small", device="cpu")


@pytest.fixture
def final(stripes: Dataset, trials: Sequence[Trial]) -> Final:
    return fine_tune(trials, stripes, top=1, recipe=SHORT, device="cpu")


def test_a_worker_trains_as_this_process_does(
    finishing: Finishing, final: Final, trials: Sequence[Trial], tmp_path: Path
) -> None:
    arch, epochs = trials[3].architecture, list[int]()
    object.__setattr__(finishing, "on_epoch", lambda epoch, metrics: epochs.append(epoch))
    metrics = finishing.train(arch, epochs=None, seed=final_seed(0, 3))
    assert {name.removesuffix("_curve"): curve for name, curve in metrics.items() if name != "seconds"} == (
        final.chosen.curves
    )
    assert epochs == [1, 2]
    weights = load_file(tmp_path / weights_of(arch))
    expected = final.chosen.network.state_dict()
    assert weights.keys() == expected.keys()
    assert all(torch.equal(weights[name], expected[name]) for name in expected)


def test_several_trainings_report_their_spread(finishing: Finishing, trials: Sequence[Trial]) -> None:
    arch = trials[3].architecture
    metrics = [replace(finishing, seeds=seeds).train(arch, epochs=1, seed=5) for seeds in (1, 2)]
    assert metrics[1].keys() - metrics[0].keys() == {"train_loss_sd", "val_loss_sd", "val_acc_sd"}


def test_a_worker_hands_over_what_an_export_writes(finishing: Finishing, final: Final, tmp_path: Path) -> None:
    arch = final.chosen.architecture
    finishing.train(arch, epochs=None, seed=final_seed(0, 3))
    elsewhere = pickle.loads(pickle.dumps(finishing))  # noqa: S301  as for another process
    assert elsewhere.hand_over(arch, epochs=None, seed=0) == final.test
    contents = export_files(final, name="small")
    assert {name: (tmp_path / name).read_bytes() for name in NETWORK_FILES} == contents
