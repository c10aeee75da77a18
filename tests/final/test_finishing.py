"""What workers do in the final stage is what `fine_tune` does, and their files are complete."""

import json
import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from nas.data import Dataset, from_arrays
from nas.final.export import export_files
from nas.final.finalist import Final, final_seed, joined_weights_of, weights_of
from nas.final.fine_tune import fine_tune
from nas.final.finishing import HYPERPARAMETERS, MEMBERS, TESTED, Finishing
from nas.final.networks import network_with
from nas.final.on_test import OnTest, on_test_of
from nas.final.outputs import Outputs
from nas.model import Network
from nas.model.stored import stored_network
from nas.network_files import ARCHITECTURE, NETWORK_FILES, WEIGHTS
from nas.sealed import parse_record
from nas.space import Architecture, parse_space
from nas.training import Recipe
from nas.training.workbench import Workbench
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


def test_a_tuned_recipe_is_read_before_each_training(
    finishing: Finishing, trials: Sequence[Trial], tmp_path: Path
) -> None:
    arch, tuned = trials[3].architecture, replace(finishing, tuned=True)
    (tmp_path / HYPERPARAMETERS).write_text('{"lr": 0.001, "label_smoothing": 0.1}')
    by_hand = replace(finishing, recipe=replace(SHORT, lr=0.001, label_smoothing=0.1))
    assert (
        tuned.tune(arch, epochs=None, seed=5)["val_loss_curve"]
        == (by_hand.tune(arch, epochs=None, seed=5)["val_loss_curve"])
    )
    assert not (tmp_path / weights_of(arch)).exists(), "tuning leaves no weights"
    (tmp_path / HYPERPARAMETERS).write_text("{}")
    assert (
        tuned.train(arch, epochs=None, seed=5)["val_loss_curve"]
        == (finishing.train(arch, epochs=None, seed=5)["val_loss_curve"])
    )


def test_several_trainings_report_each_and_their_spread(finishing: Finishing, trials: Sequence[Trial]) -> None:
    arch = trials[3].architecture
    metrics = [replace(finishing, seeds=seeds).train(arch, epochs=1, seed=5) for seeds in (1, 2)]
    names = ("train_loss", "val_loss", "val_acc")
    assert metrics[1].keys() - metrics[0].keys() == {f"{name}{end}" for name in names for end in ("_sd", "_each")}
    first, second = (load_file(finishing.folder / weights_of(arch, training)) for training in range(2))
    assert first.keys() == second.keys()
    assert not torch.equal(first["conv1.weight"], second["conv1.weight"])


def test_a_worker_hands_over_what_an_export_writes(finishing: Finishing, final: Final, tmp_path: Path) -> None:
    arch = final.chosen.architecture
    finishing.train(arch, epochs=None, seed=final_seed(0, 3))
    elsewhere = pickle.loads(pickle.dumps(finishing))  # noqa: S301  as for another process
    assert elsewhere.hand_over(arch, epochs=None, seed=0) == final.test
    contents = export_files(final, name="small")
    assert {name: (tmp_path / name).read_bytes() for name in NETWORK_FILES} == contents


def _handed_over(finishing: Finishing, arch: Architecture, folder: Path) -> tuple[Metrics, OnTest, Network]:
    metrics = finishing.hand_over(arch, epochs=None, seed=0)
    tested = on_test_of(parse_record((folder / TESTED).read_bytes(), folder), 60)
    assert tested is not None
    return metrics, tested, stored_network(*((folder / name).read_bytes() for name in (ARCHITECTURE, WEIGHTS)))


def test_a_joined_network_is_handed_over_in_place_of_the_selected_one(
    finishing: Finishing, trials: Sequence[Trial], tmp_path: Path, stripes: Dataset
) -> None:
    arch, joining = trials[3].architecture, replace(finishing, join=True)
    joining.train(arch, epochs=None, seed=5)
    assert joining.train_joined(arch, epochs=None, seed=5).keys() == {"seconds"}
    metrics, tested, network = _handed_over(joining, arch, tmp_path)
    assert metrics == tested.metrics
    assert torch.equal(
        network.get_parameter("conv1.weight"), load_file(tmp_path / joined_weights_of(arch))["conv1.weight"]
    )
    alone, before, single = _handed_over(finishing, arch, tmp_path)
    assert tested.seeds == {name: (alone[name],) for name in tested.metrics}
    assert before.seeds == {}
    assert not torch.equal(network.get_parameter("conv1.weight"), single.get_parameter("conv1.weight"))


def test_an_ensemble_is_handed_over_in_place_of_the_selected_network(
    finishing: Finishing, trials: Sequence[Trial], tmp_path: Path, stripes: Dataset
) -> None:
    arch, other = trials[3].architecture, trials[2].architecture
    seeds = replace(finishing, seeds=3, ensemble="seeds")
    for one in (arch, other):
        seeds.train(one, epochs=None, seed=5)
    metrics, tested, network = _handed_over(seeds, arch, tmp_path)
    assert metrics.keys() == {"val_loss", "val_acc", "test_loss", "test_acc"}
    assert network.arch.params == 3 * arch.params
    assert len(tested.seeds["test_loss"]) == 3
    assert metrics["test_loss"] == tested.metrics["test_loss"] < max(tested.seeds["test_loss"]), "by convexity"
    # Of finalists: those that the file names.
    both = replace(finishing, seeds=3, ensemble="finalists")
    (tmp_path / MEMBERS).write_text(json.dumps([arch.to_dict()]), encoding="utf-8")
    assert _handed_over(both, arch, tmp_path)[2].arch.params == arch.params, "there is no other"
    (tmp_path / MEMBERS).write_text(json.dumps([arch.to_dict(), other.to_dict()]), encoding="utf-8")
    _, _, network = _handed_over(both, arch, tmp_path)
    assert network.arch.params == arch.params + other.params
    x = torch.from_numpy(stripes.val.inputs)
    members = [network_with((tmp_path / weights_of(one)).read_bytes(), one, stripes) for one in (arch, other)]
    with torch.no_grad():
        mean = torch.stack([member(x).softmax(1) for member in members]).mean(0)
        torch.testing.assert_close(network(x).softmax(1), mean)


def test_an_ensemble_of_several_labels_is_compared_without_tuned_thresholds(tmp_path: Path) -> None:
    """The curves of its members were measured with thresholds of 1/2."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(120, 6)).astype(np.float32)
    targets = inputs[:, :2] + rng.normal(size=(120, 2)) > 1
    data = from_arrays(inputs[:60], targets[:60], val=(inputs[60:], targets[60:]), task="multilabel")
    (arch,) = parse_space("name: small\ninput: [6]\noutputs: 2\nlayers:\n  - linear: {units: outputs}\n")
    finishing = Finishing(
        data,
        SHORT,
        folder=tmp_path,
        finalists=tmp_path,
        name="small",
        objective="val_f1",
        seeds=2,
        ensemble="seeds",
        device="cpu",
        metrics=("f1",),
    )
    finishing.train(arch, epochs=None, seed=5)
    found = finishing.hand_over(arch, epochs=None, seed=0)
    network = stored_network((tmp_path / ARCHITECTURE).read_bytes(), (tmp_path / WEIGHTS).read_bytes())
    bench = Workbench(data, device="cpu", metrics=("f1",))
    outputs = Outputs(bench, network, "val")
    tuned = outputs.tuned("val_f1")
    assert found["val_f1"] == outputs.measured(bench)["val_f1"] < outputs.measured(tuned)["val_f1"]
