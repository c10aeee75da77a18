"""What workers do in the final stage is what `fine_tune` does, and their files are complete."""

import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev

import pytest
import torch
from safetensors.torch import load_file

from nas.data import Dataset
from nas.evaluate.means import member_seed
from nas.final import NETWORK_FILES
from nas.final.export import export_files
from nas.final.finalist import Final, final_seed, weights_of
from nas.final.fine_tune import fine_tune
from nas.final.finishing import Finishing
from nas.training import Recipe
from nas.trial import Metrics, Trial

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


def test_the_first_of_several_trainings_is_that_of_one(
    finishing: Finishing, final: Final, trials: Sequence[Trial], tmp_path: Path
) -> None:
    """Within rounding, as the trainings of a small network are packed."""
    arch, seed = trials[3].architecture, final_seed(0, 3)
    one = replace(finishing, seeds=1).train(arch, epochs=None, seed=seed)
    weights = load_file(tmp_path / weights_of(arch))
    other = finishing.train(arch, epochs=None, seed=member_seed(seed, 1))
    two = replace(finishing, seeds=2).train(arch, epochs=None, seed=seed)
    torch.testing.assert_close(load_file(tmp_path / weights_of(arch)), weights, rtol=1e-3, atol=1e-5)
    assert two.keys() == {*one, "train_loss_sd", "val_loss_sd", "val_acc_sd"}
    for place, metrics in enumerate(zip(*(_curve(found) for found in (one, other)), strict=True)):
        assert _curve(two)[place] == pytest.approx(fmean(metrics), rel=1e-4)
    assert two["val_loss_sd"] == pytest.approx(stdev((_curve(one)[-1], _curve(other)[-1])), rel=1e-2)


def _curve(metrics: Metrics) -> tuple[float, ...]:
    curve = metrics["val_loss_curve"]
    assert isinstance(curve, tuple)
    return curve


def test_a_worker_hands_over_what_an_export_writes(finishing: Finishing, final: Final, tmp_path: Path) -> None:
    arch = final.chosen.architecture
    finishing.train(arch, epochs=None, seed=final_seed(0, 3))
    elsewhere = pickle.loads(pickle.dumps(finishing))  # noqa: S301  as for another process
    assert elsewhere.hand_over(arch, epochs=None, seed=0) == final.test
    contents = export_files(final, name="small")
    assert {name: (tmp_path / name).read_bytes() for name in NETWORK_FILES} == contents
