"""What a run says in words."""

from dataclasses import replace
from pathlib import Path

import pytest

from nas.data import load_data
from nas.runs.config import load_config
from nas.runs.notices import aims, causes, notes, resumed, samples
from nas.runs.summary import read_run
from nas.trial import Objective

BOTH = (Objective("val_acc"), Objective("params", "minimize"))


def test_what_a_run_searches_for(config: Path) -> None:
    one, two = (replace(load_config(config), objectives=objectives) for objectives in (BOTH[:1], BOTH))
    assert aims(one) == "tiny: searching for the highest val_acc"
    assert aims(two) == "tiny: searching for the highest val_acc, the lowest params; q_learning reads val_acc only"
    nsga2 = replace(load_config(config, ["controller=nsga2"]), objectives=BOTH)
    assert aims(nsga2) == "tiny: searching for the highest val_acc, the lowest params"


def test_the_data_set() -> None:
    digits = load_data("digits")
    parts = "digits: 1,149 training, 288 validation, 360 test samples; classification, 10 classes: 0, 1, "
    assert samples(digits).startswith(parts)
    assert "288 validation samples;" in samples(replace(digits, test=None))


def test_how_data_were_read_and_the_space_that_was_chosen(config: Path) -> None:
    digits = replace(load_data("digits"), notes=("it was read",))
    assert notes(load_config(config), digits) == ["it was read"]
    assert notes(load_config(config, ["space=auto"]), digits) == [
        "it was read",
        "The space is digits_cnn, because the data are images of 1×8×8",
    ]


@pytest.mark.parametrize(
    ("budget", "said"), [(9, "run holds 7 of 9 trials already"), (3, "run holds 7 of 7 trials already; a budget of 3 ")]
)
def test_what_exists_already(budget: int, said: str) -> None:
    assert resumed(Path("run"), 7, budget).startswith(said)


def test_why_a_run_ends(finished: Path) -> None:
    trials = read_run(finished).trials
    failed = [replace(trial, error=f"CRASH: {min(number, 1)}") for number, trial in enumerate(trials)]
    assert causes(failed) == "all 6 trials failed:\n      5 × CRASH: 1\n      1 × CRASH: 0"
