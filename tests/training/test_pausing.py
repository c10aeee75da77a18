"""Going on with a paused training gives what a training without a pause gives, bit for bit."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nas.controllers import ASHA, RandomSearch
from nas.data import Augment, Dataset, from_arrays
from nas.driver.search import search
from nas.driver.study import MemoryStudy
from nas.evaluate import Train
from nas.space import Architecture, Space, parse_space
from nas.training import Checkpoints, Recipe, keeping, several
from nas.training.fit import fit
from nas.training.loop import Training
from nas.training.pausing import pause, resume
from nas.training.private.privacy import Privacy
from nas.training.seeding import seeded
from nas.training.several import Member, fit_several
from nas.training.workbench import Workbench
from nas.trial import Trial
from tests.training.networks import MLP, arch_of, weights_of


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


LAYERS = (
    "{conv: {width: 4}}, batch_norm, relu, {dropout: {p: 0.3}}, {residual: [{conv: {width: 4}}]}, flatten, "
    "{linear: {units: outputs}}"
)
RECIPES: Mapping[str, Recipe] = {
    "adamw": Recipe(epochs=5, batch_size=16, augment=Augment(shift=1, flip=True)),
    "sgd": Recipe(epochs=5, batch_size=16, optimizer="sgd", lr=0.05, l1=1e-3, clip_norm=None),
    "sgd without momentum": Recipe(epochs=5, batch_size=16, optimizer="sgd", lr=0.05, momentum=0.0),
    "muon": Recipe(epochs=5, batch_size=16, optimizer="muon", lr=0.02),
    "one cycle": Recipe(epochs=5, batch_size=16, optimizer="sgd", lr=0.05, schedule="one_cycle"),
    "averaged over epochs": Recipe(epochs=5, batch_size=16, swa=0.6, schedule="one_cycle"),
    "averaged, with branches left out": Recipe(epochs=5, batch_size=16, ema=0.8, drop_path=0.5),
}


@pytest.fixture(scope="module")
def images() -> Dataset:
    rng = np.random.default_rng(0)
    return from_arrays(rng.integers(0, 256, (60, 2, 6, 6)).astype(np.uint8), np.arange(60) % 3)


@pytest.fixture(scope="module")
def arch(images: Dataset) -> Architecture:
    return parse_space(f"layers: [{LAYERS}]", input=images.shape, outputs=3).rebuild({})


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_going_on_is_the_same_training(recipe: Recipe, images: Dataset, arch: Architecture, tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    whole = fit(Workbench(images, device="cpu"), arch, recipe, seed=3)
    trained: list[int] = []
    for epochs, expected, kept in ((1, [1], 1), (3, [2, 3], 1), (3, [], 1), (None, [4, 5], 0)):
        trained.clear()
        part = fit(
            Workbench(images, device="cpu"),
            arch,
            recipe,
            seed=3,
            epochs=epochs,
            checkpoints=checkpoints,
            on_epoch=lambda epoch, _: trained.append(epoch),
        )
        assert trained == expected
        assert len(_files(tmp_path)) == kept
        assert part.curves == {name: curve[: epochs or 5] for name, curve in whole.curves.items()}
        alone = fit(Workbench(images, device="cpu"), arch, recipe, seed=3, epochs=epochs)
        assert torch.equal(weights_of(part), weights_of(alone))


def test_random_numbers_are_put_back_when_going_on(images: Dataset, arch: Architecture, tmp_path: Path) -> None:
    checkpoints, bench = Checkpoints(tmp_path), Workbench(images, device="cpu")
    before = torch.get_rng_state()
    for epochs in (1, 2):
        fit(bench, arch, RECIPES["adamw"], seed=3, epochs=epochs, checkpoints=checkpoints)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(file.read_bytes()[:-1]),
        lambda file: file.write_bytes(file.read_bytes()[:-1] + b"\0" * 2),
        lambda file: file.write_bytes(b""),
    ],
    ids=["lost", "cut off", "altered", "empty"],
)
def test_without_its_checkpoint_a_training_begins_again(
    spoil: Callable[[Path], Any], images: Dataset, arch: Architecture, tmp_path: Path
) -> None:
    trained: list[int] = []
    train = Train(
        images,
        RECIPES["adamw"],
        device="cpu",
        checkpoints=Checkpoints(tmp_path),
        on_epoch=lambda epoch, _: trained.append(epoch),
    )
    train(arch, epochs=2, seed=5)
    (file,) = tmp_path.iterdir()
    spoil(file)
    found = train(arch, epochs=4, seed=5)
    assert trained == [1, 2, 1, 2, 3, 4]
    plain = Train(images, RECIPES["adamw"], device="cpu")(arch, epochs=4, seed=5)
    assert {**found, "seconds": 0.0} == {**plain, "seconds": 0.0}


def test_trainings_are_told_apart(images: Dataset, arch: Architecture, tmp_path: Path) -> None:
    """Another seed, recipe, data set or network finds nothing to go on with."""
    trained: list[int] = []
    options = {"checkpoints": Checkpoints(tmp_path), "on_epoch": lambda epoch, _: trained.append(epoch)}
    bench = Workbench(images, device="cpu")
    other_data = from_arrays(images.train.inputs, images.train.targets, val=(images.val.inputs, images.val.targets))
    wider = parse_space(f"layers: [{LAYERS.replace('4', '6')}]", input=images.shape, outputs=3).rebuild({})
    recipe = RECIPES["adamw"]
    for made, network, used, seed in (
        (bench, arch, recipe, 0),
        (bench, arch, recipe, 1),
        (bench, arch, RECIPES["sgd"], 0),
        (bench, wider, recipe, 0),
        (Workbench(from_arrays(images.val.inputs, images.val.targets), device="cpu"), arch, recipe, 0),
    ):
        trained.clear()
        fit(made, network, used, seed=seed, epochs=1, **options)  # type: ignore[arg-type]  # a dict of both
        assert trained == [1]
    trained.clear()
    fit(Workbench(other_data, device="cpu"), arch, recipe, seed=0, epochs=1, **options)  # type: ignore[arg-type]
    assert trained == []
    assert len(_files(tmp_path)) == 5


def test_networks_of_one_id_that_differ_in_dead_layers_are_told_apart(images: Dataset, tmp_path: Path) -> None:
    convs = "small: {conv: {width: width}}, large: {conv: {width: width, kernel: 5}}"
    edge = f"edge: {{choice: {{none: zero, skip: identity, {convs}}}}}"
    space = parse_space(
        f"layers: [{{name: c, cell: {{nodes: 2, {edge}}}}}, flatten, {{linear: {{units: outputs}}}}]",
        input=images.shape,
        outputs=3,
    )
    # Node 1 is read by nobody; its convolution is there all the same.
    first, second = (space.rebuild({"c.0-1": dead, "c.0-2": "skip", "c.1-2": "none"}) for dead in ("small", "large"))
    assert first.id == second.id
    assert first.params != second.params
    bench, checkpoints = Workbench(images, device="cpu"), Checkpoints(tmp_path)
    for network in (first, second):
        for epochs in (1, 2):
            found = fit(bench, network, RECIPES["adamw"], seed=0, epochs=epochs, checkpoints=checkpoints)
            assert found.curves == fit(bench, network, RECIPES["adamw"], seed=0, epochs=epochs).curves
    assert len(_files(tmp_path)) == 2


def test_a_search_cut_off_anywhere_goes_on_as_if_it_had_not_been(
    corners: Dataset, space: Space, tmp_path: Path
) -> None:
    """With its checkpoints after an odd number of trials, and without them after an even one."""

    def run(study: MemoryStudy, trials: int, folder: Path | None) -> list[Trial]:
        checkpoints = None if folder is None else Checkpoints(folder)
        train = Train(corners, Recipe(epochs=4), device="cpu", checkpoints=checkpoints)
        search(ASHA(RandomSearch(space), full_epochs=4, eta=2), train, study, trials=trials, seed=2)
        return [replace(trial, seconds=0.0, metrics={**trial.metrics, "seconds": 0.0}) for trial in study]

    whole = run(MemoryStudy(), 9, None)
    assert {trial.proposal.epochs for trial in whole} == {1, 2, None}
    for cut in range(10):
        folder, study = tmp_path / str(cut), MemoryStudy()
        run(study, cut, folder)
        if cut % 2 == 0:
            Checkpoints(folder).clear()
        assert run(study, 9, folder) == whole


@pytest.mark.parametrize("ema", [None, 0.8])
def test_patience_goes_on_from_the_best_epoch(
    ema: float | None, images: Dataset, arch: Architecture, tmp_path: Path
) -> None:
    """Also where it ran out before the pause."""
    recipe = Recipe(epochs=12, batch_size=16, lr=0.1, warmup=0.0, patience=3, ema=ema)
    bench, checkpoints = Workbench(images, device="cpu"), Checkpoints(tmp_path)
    told: list[int] = []
    whole = fit(bench, arch, recipe, seed=3, on_epoch=lambda epoch, _: told.append(epoch))
    ended = told[-1]
    assert ended < 12
    again: list[int] = []
    for epochs in (1, ended - 1, 11, None):
        part = fit(
            bench,
            arch,
            recipe,
            seed=3,
            epochs=epochs,
            checkpoints=checkpoints,
            on_epoch=lambda epoch, _: again.append(epoch),
        )
        alone = fit(bench, arch, recipe, seed=3, epochs=epochs)
        assert part.curves == alone.curves
        assert torch.equal(weights_of(part), weights_of(alone))
    assert again == told
    assert torch.equal(weights_of(part), weights_of(whole))
    assert _files(tmp_path) == []


class Killed(Exception):
    """Stands for whatever ends a process."""


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(epochs=4, batch_size=16, ema=0.8),
        Recipe(epochs=4, batch_size=16, optimizer="muon", lr=0.02, augment=Augment(shift=1)),
        Recipe(epochs=9, batch_size=16, lr=0.1, warmup=0.0, patience=2),
    ],
    ids=["averaged", "muon", "patience"],
)
def test_several_trainings_go_on_where_they_were_stored(
    recipe: Recipe, packed: bool, images: Dataset, arch: Architecture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each of their epochs; finished members are not trained again."""
    monkeypatch.setattr(keeping, "SHARE", 1e9)
    monkeypatch.setattr(keeping, "FIRST_COST", 0.0)
    monkeypatch.setattr(several, "group_sizes", lambda *_: (2, 1))
    bench, members = Workbench(images, device="cpu"), [Member(seed) for seed in (3, 4, 3)]
    whole = fit_several(bench, arch, recipe, members, packed=packed)
    left = 0

    def dying(epoch: int, measured: Mapping[str, float]) -> None:
        nonlocal left
        told.append(epoch)
        left -= 1
        if not left:
            raise Killed

    told: list[int] = []
    found = None
    while found is None:
        left = 3
        with suppress(Killed):
            found = fit_several(
                bench, arch, recipe, members, packed=packed, checkpoints=Checkpoints(tmp_path), on_epoch=dying
            )
    assert max(Counter(told).values()) == 2, "only the epoch in which it was killed is trained again"
    for one, other in zip(found, whole, strict=True):
        assert one.curves == other.curves
        assert torch.equal(weights_of(one), weights_of(other))


@pytest.mark.parametrize("noise", ["secret", "seeded"])
def test_a_private_training_goes_on_with_its_own_noise(noise: Any, corners: Dataset) -> None:
    """And with its own batches and dropout, also where these follow from no seed."""
    recipe = Recipe(epochs=3, privacy=Privacy(4.0, 1e-4, noise))
    found = []
    with seeded(0, torch.device("cpu")):
        bench = Workbench(corners, device="cpu")
        whole, again = (Training(bench, bench.build(arch_of(MLP, corners)), recipe, seed=0) for _ in range(2))
        whole.advance()
        stored = pause(whole)
        for training in (whole, again):
            resume(training, stored)
            training.advance()
            training.advance()
            found.append(torch.cat([one.flatten() for one in training.network.parameters()]))
    assert torch.equal(*found)
    assert whole.curves == again.curves
