"""Inputs that are made, as recipes name them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nas.data import Augment, Dataset, from_arrays, from_table, from_texts
from nas.distillation import Contrastive, Distill, Inverted, Noise, Response
from nas.distillation.made import MADE, Made
from nas.distillation.teacher import Teacher
from nas.document import from_object
from nas.errors import UsageError
from nas.settings import Reader, plain
from nas.training.fit import fit, training_key
from nas.training.unlabelled import further_inputs
from nas.training.workbench import Workbench
from tests.distillation.lessons import IMAGES, teacher_of

INVERTED = Inverted(4, steps=2)


def test_noise_has_the_moments_of_the_data() -> None:
    data = IMAGES.data
    found = Noise(4000).prepared(data, None)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.mean((0, 2, 3)), data.mean.ravel(), atol=0.02)
    np.testing.assert_allclose(found.std((0, 2, 3)), data.std.ravel(), rtol=0.02)
    assert np.array_equal(Noise(5).prepared(data, None), Noise(5).prepared(data, None))
    assert not np.isclose(Noise(5).prepared(data, None), Noise(5, seed=1).prepared(data, None)).any()


@pytest.mark.parametrize("name", MADE)
def test_a_file_names_them_with_their_settings(name: str, tmp_path: Path) -> None:
    reader = Reader(tmp_path / "run.yaml", ())
    given = {"unlabelled": {name: {"count": 7, "seed": 3}}}
    read = reader.record(from_object(given), Distill, "distill")
    assert not reader.problems
    assert read == Distill(unlabelled=MADE[name](7, 3))
    written = plain(read)["unlabelled"]
    assert written[name].items() >= {"count": 7, "seed": 3}.items()
    assert reader.record(from_object({"unlabelled": written}), Distill, "distill") == read


@pytest.mark.parametrize(
    ("given", "path", "message"),
    [
        ({"inverter": {"count": 1}}, "distill.unlabelled", "no such key: 'inverter'"),
        ({"noise": {}}, "distill.unlabelled.noise", "'count' is missing"),
        ({"noise": {"count": 0}}, "distill.unlabelled.noise.count", "a value does not fit"),
        ({"noise": {"count": 1}, "inverted": {"count": 1}}, "distill.unlabelled", "a value does not fit"),
        ({}, "distill.unlabelled", "a value does not fit"),
    ],
)
def test_errors_in_a_file(given: dict[str, object], path: str, message: str, tmp_path: Path) -> None:
    reader = Reader(tmp_path / "run.yaml", ())
    reader.record(from_object({"unlabelled": given}), Distill, "distill")
    (problem,) = reader.problems
    assert (problem.path, problem.message) == (path, message)


def test_trainings_are_told_apart_by_teachers_and_settings() -> None:
    """Noise follows from no teacher, but a training does."""
    teacher = Teacher(teacher_of(IMAGES))
    other = Teacher(fit(IMAGES.bench, teacher_of(IMAGES).arch, IMAGES.recipe(epochs=1, teacher=None), seed=3).network)
    settings = (INVERTED, replace(INVERTED, steps=3), replace(INVERTED, seed=1), Noise(4))
    assert len({one.key(by) for one in settings for by in (teacher, other)}) == 7
    recipes = [IMAGES.recipe(Response(), teacher=by, unlabelled=one) for one in settings for by in (teacher, other)]
    assert len({training_key(IMAGES.bench, IMAGES.arch, one, 0) for one in recipes}) == 8


def test_they_are_made_once_and_taken_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(tmp_path))
    monkeypatch.setattr("nas.data.prepared.WORTH", -1.0)
    distill = Distill(teacher_of(IMAGES), unlabelled=INVERTED)
    bench = Workbench(IMAGES.data, device="cpu")
    first = further_inputs(bench, distill)
    assert further_inputs(bench, distill) is first
    monkeypatch.setattr("nas.distillation.inversion.made", None)
    again = further_inputs(Workbench(IMAGES.data, device="cpu"), Distill(teacher_of(IMAGES), unlabelled=INVERTED))
    assert isinstance(first, torch.Tensor)
    assert isinstance(again, torch.Tensor)
    assert torch.equal(first, again)


def test_they_are_added_to_samples_where_targets_count() -> None:
    fitted = IMAGES.taught(Response(), unlabelled=Noise(30), epochs=1)
    assert np.isfinite(fitted.curves["train_loss"]).all()


@pytest.mark.parametrize("made", [INVERTED, Noise(4)])
def test_what_is_no_number_cannot_be_made(made: Made) -> None:
    texts = from_texts(["one two", "two three", "three one", "one one"] * 3, [0, 1, 0, 1] * 3)
    table = from_table({"a": [1.0, 2.0, 3.0, 4.0] * 3, "b": ["u", "v", "u", "v"] * 3, "y": ["p", "q"] * 6}, target="y")
    for data, what in ((texts, "token indices"), (table, "codes of categories")):
        with pytest.raises(UsageError, match=rf"distill\.unlabelled\.{made.name}: expected inputs of numbers.*{what}"):
            Distill(teacher_of(IMAGES), unlabelled=made).check(data, Augment())


def test_errors() -> None:
    def check(data: Dataset, distill: Distill) -> None:
        distill.check(data, Augment())

    with pytest.raises(UsageError, match=r"distill\.unlabelled\.inverted needs a teacher"):
        check(IMAGES.data, Distill(by=(), unlabelled=INVERTED))
    values = from_arrays(np.random.default_rng(0).normal(size=(20, 3)), np.linspace(0, 1.5, 20))
    with pytest.raises(UsageError, match="expected a classification, got regression"):
        check(values, Distill(teacher_of(IMAGES), unlabelled=INVERTED))
    with pytest.raises(UsageError, match=r"distill\.by\.contrastive needs targets"):
        check(IMAGES.data, Distill(teacher_of(IMAGES), (Response(), Contrastive()), 0, unlabelled=INVERTED))
    check(IMAGES.data, Distill(teacher_of(IMAGES), unlabelled=Noise(1)))
    with pytest.raises(UsageError, match=r"distill\.unlabelled\.noise\.count: expected 2 or more to train on, got 1"):
        check(IMAGES.data, Distill(teacher_of(IMAGES), task_weight=0, unlabelled=Noise(1)))
