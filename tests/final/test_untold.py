"""What the files of a private network do not say."""

import numpy as np
import pytest

from nas.data import Dataset, from_arrays, from_table, from_texts
from nas.data.intake import Intake
from nas.data.preparation import Preparation
from nas.data.preparation.images import Images
from nas.data.preparation.sounds import Sounds
from nas.data.preparation.stored import plain_preparation
from nas.data.preparation.texts import Tokenizing
from nas.final.untold import untold_intake, untold_task
from nas.tasks import TASKS
from nas.tasks.stored import plain_task

WORDS = ["one", "two words", "three words here", "a"]


def _data(high: int) -> Dataset:
    """A table of numbers up to a highest one."""
    rng = np.random.default_rng(high)
    table = {"a": rng.uniform(0, high, 60), "b": rng.uniform(0, high, 60), "y": np.array(["u", "v"] * 30)}
    return from_table(table, target="y")


def _preparations() -> list[tuple[Preparation, Preparation]]:
    """Pairs that were made of other training samples, for inputs of the same shape."""
    arrays = from_arrays(np.zeros((60, 4), np.float32), np.arange(60) % 2).intake.preparation
    tokenizing = Tokenizing(tokens="bytes", length=8)
    texts = [from_texts(words * 15, [0, 1] * 30, tokenizing=tokenizing) for words in (WORDS, ["a", "b"] * 2)]
    return [
        (arrays, arrays),
        (Images((8, 8), 1, False, "resize", (4, 8), (8, 9)), Images((8, 8), 1, False, "resize", (8, 8), (2, 30))),
        (Sounds(100, 50, False, (50, 100), (0.1, 2.0)), Sounds(100, 50, False, (100, 100), (0.5, 0.6))),
        (_data(9).intake.preparation, _data(90).intake.preparation),
        (texts[0].intake.preparation, texts[1].intake.preparation),
    ]


@pytest.mark.parametrize("pair", _preparations(), ids=lambda pair: pair[0].name)
def test_preparations_of_other_samples_are_equal(pair: tuple[Preparation, Preparation], files: Intake) -> None:
    mean = np.arange(pair[0].input.shape[0], dtype=np.float32)
    one, other = (untold_intake(Intake("x", each, files.files), mean).preparation for each in pair)
    assert plain_preparation(one) == plain_preparation(other)
    assert (one.input, one.dtype, one.fits) == (pair[0].input, pair[0].dtype, False)


@pytest.fixture(scope="module")
def files() -> Intake:
    return _data(9).intake


def test_missing_numbers_are_at_the_centre() -> None:
    intake = untold_intake(_data(9).intake, np.array([4.0, 5.0], np.float32))
    assert [one.fill for one in intake.preparation.numbers] == [4, 5]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", TASKS)
def test_numbers_of_samples(name: str) -> None:
    targets = {"classification": np.array([0, 1, 1]), "multilabel": np.array([[0, 1], [1, 1], [0, 0]])}
    given = targets.get(name, np.array([[0.0, 1.0], [1.0, 2.0], [3.0, 4.0]]))
    task = TASKS[name].fitted(("a", "b"), given)
    fields = plain_task(untold_task(task))[name]
    assert not fields.get("counts")
    assert fields["outputs"] == ["a", "b"]
