"""Paused trainings: the folder, and that going on gives what a training without a pause gives, bit for bit."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nas.controllers import ASHA, RandomSearch
from nas.data import Augment, Dataset, from_arrays
from nas.driver.loop import search
from nas.driver.study import MemoryStudy
from nas.errors import StorageError
from nas.evaluate import Train
from nas.files import sha256
from nas.space import Architecture, Space, parse_space
from nas.training import Checkpoints, Recipe
from nas.training.loop import Fitted, Workbench
from nas.trial import Trial


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "below" / "checkpoints"
    checkpoints = Checkpoints(folder)
    assert checkpoints.load("aa", 9) is None
    checkpoints.drop("aa")
    checkpoints.clear()
    assert not folder.parent.exists()
    checkpoints.save("aa", 3, b"three")
    checkpoints.save("bb", 1, b"one")
    assert _files(folder) == [f"aa-3-{sha256(b'three')}.safetensors", f"bb-1-{sha256(b'one')}.safetensors"]
    assert [checkpoints.load("aa", epochs) for epochs in (2, 3, 9)] == [None, b"three", b"three"]
    checkpoints.save("aa", 9, b"nine")
    checkpoints.save("aa", 9, b"nine")
    assert _files(folder) == [f"aa-9-{sha256(b'nine')}.safetensors", f"bb-1-{sha256(b'one')}.safetensors"]
    checkpoints.drop("aa")
    assert _files(folder) == [f"bb-1-{sha256(b'one')}.safetensors"]
    checkpoints.clear()
    assert not folder.exists()


@pytest.mark.parametrize("damaged", [b"", b"on", b"onf", b"one "])
def test_a_corrupt_file_is_thrown_away(damaged: bytes, tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save("aa", 1, b"one")
    (file,) = tmp_path.iterdir()
    file.write_bytes(damaged)
    assert checkpoints.load("aa", 1) is None
    assert _files(tmp_path) == []


def test_before_a_corrupt_file_an_earlier_one(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save("aa", 3, b"three")
    earlier = tmp_path / f"aa-1-{sha256(b'one')}.safetensors"  # a kill may leave it
    earlier.write_bytes(b"one")
    next(tmp_path.glob("aa-3-*")).write_bytes(b"thre")
    assert checkpoints.load("aa", 9) == b"one"


def test_the_oldest_go_where_there_are_too_many(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, most_bytes=10)
    for number, name in enumerate(("aa", "bb", "cc")):
        checkpoints.save(name, 1, name.encode() * 2)
        os.utime(next(tmp_path.glob(f"{name}-*")), (number, number))
    assert [checkpoints.load(name, 1) for name in ("aa", "bb", "cc")] == [None, b"bbbb", b"cccc"]
    checkpoints.save("dd", 1, b"d" * 11)
    assert [checkpoints.load(name, 1) for name in ("bb", "cc", "dd")] == [None, None, b"d" * 11]


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be made"):
        Checkpoints(tmp_path / "file" / "below").save("aa", 1, b"one")


LAYERS = (
    "{conv: {width: 4}}, batch_norm, relu, {dropout: {p: 0.3}}, {residual: [{conv: {width: 4}}]}, flatten, "
    "{linear: {units: classes}}"
)
RECIPES: Mapping[str, Recipe] = {
    "adamw": Recipe(epochs=5, batch_size=16, augment=Augment(shift=1, flip=True)),
    "sgd": Recipe(epochs=5, batch_size=16, optimizer="sgd", lr=0.05, l1=1e-3, clip_norm=None),
    "sgd without momentum": Recipe(epochs=5, batch_size=16, optimizer="sgd", lr=0.05, momentum=0.0),
}


@pytest.fixture(scope="module")
def images() -> Dataset:
    rng = np.random.default_rng(0)
    return from_arrays(rng.integers(0, 256, (60, 2, 6, 6)).astype(np.uint8), np.arange(60) % 3)


@pytest.fixture(scope="module")
def arch(images: Dataset) -> Architecture:
    return parse_space(f"layers: [{LAYERS}]", input=images.shape, classes=3).rebuild({})


def _weights(fitted: Fitted) -> torch.Tensor:
    return torch.cat([value.flatten().double() for value in fitted.network.state_dict().values()])


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_going_on_is_the_same_training(recipe: Recipe, images: Dataset, arch: Architecture, tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    whole = Workbench(images, device="cpu").fit(arch, recipe, seed=3)
    trained: list[int] = []
    for epochs, expected, kept in ((1, [1], 1), (3, [2, 3], 1), (3, [], 1), (None, [4, 5], 0)):
        trained.clear()
        part = Workbench(images, device="cpu").fit(
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
        alone = Workbench(images, device="cpu").fit(arch, recipe, seed=3, epochs=epochs)
        assert torch.equal(_weights(part), _weights(alone))


def test_random_numbers_are_put_back_when_going_on(images: Dataset, arch: Architecture, tmp_path: Path) -> None:
    checkpoints, bench = Checkpoints(tmp_path), Workbench(images, device="cpu")
    before = torch.get_rng_state()
    for epochs in (1, 2):
        bench.fit(arch, RECIPES["adamw"], seed=3, epochs=epochs, checkpoints=checkpoints)
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
    other_data = from_arrays(images.train.inputs, images.train.labels, val=(images.val.inputs, images.val.labels))
    wider = parse_space(f"layers: [{LAYERS.replace('4', '6')}]", input=images.shape, classes=3).rebuild({})
    recipe = RECIPES["adamw"]
    for made, network, used, seed in (
        (bench, arch, recipe, 0),
        (bench, arch, recipe, 1),
        (bench, arch, RECIPES["sgd"], 0),
        (bench, wider, recipe, 0),
        (Workbench(from_arrays(images.val.inputs, images.val.labels), device="cpu"), arch, recipe, 0),
    ):
        trained.clear()
        made.fit(network, used, seed=seed, epochs=1, **options)  # type: ignore[arg-type]  # a dict of both
        assert trained == [1]
    trained.clear()
    Workbench(other_data, device="cpu").fit(arch, recipe, seed=0, epochs=1, **options)  # type: ignore[arg-type]
    assert trained == []
    assert len(_files(tmp_path)) == 5


def test_networks_of_one_id_that_differ_in_dead_layers_are_told_apart(images: Dataset, tmp_path: Path) -> None:
    convs = "small: {conv: {width: width}}, large: {conv: {width: width, kernel: 5}}"
    edge = f"edge: {{choice: {{none: zero, skip: identity, {convs}}}}}"
    space = parse_space(
        f"layers: [{{name: c, cell: {{nodes: 2, {edge}}}}}, flatten, {{linear: {{units: classes}}}}]",
        input=images.shape,
        classes=3,
    )
    # Node 1 is read by nobody; its convolution is there all the same.
    first, second = (space.rebuild({"c.0-1": dead, "c.0-2": "skip", "c.1-2": "none"}) for dead in ("small", "large"))
    assert first.id == second.id
    assert first.params != second.params
    bench, checkpoints = Workbench(images, device="cpu"), Checkpoints(tmp_path)
    for network in (first, second):
        for epochs in (1, 2):
            found = bench.fit(network, RECIPES["adamw"], seed=0, epochs=epochs, checkpoints=checkpoints)
            assert found.curves == bench.fit(network, RECIPES["adamw"], seed=0, epochs=epochs).curves
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
