"""The table of what came of a distillation."""

import json

import pytest

from nas.model import Network
from nas.statistics.estimate import Estimate
from nas.students.result import ALONE, DISTILLED, TEACHER, Compared, Distilled, of_test, points
from nas.trial import Objective
from tests.distillation.lessons import IMAGES
from tests.training.networks import arch_of


def _found(metric: str, *, low: float = -0.01) -> Distilled:
    values = {metric: (0.9, 0.92), of_test(metric): (0.88, 0.9)}
    rows = {name: Compared(1_234_567, values, 2.0) for name in (TEACHER, ALONE, DISTILLED)}
    gains = {ALONE: {"validation": Estimate(0.01, low, 0.03), "test": Estimate(0.02, 0.02, 0.02)}}
    network = Network(arch_of("flatten, {linear: {units: outputs}}", IMAGES.data))
    return Distilled(network, Objective(metric), rows, gains, ("A note.",))


def test_shares_are_told_in_percent_and_their_gains_in_points() -> None:
    lines = _found("val_acc").lines
    assert [line.split() for line in lines[:2]] == [
        ["parameters", "val_acc", "test_acc"],
        ["teacher", "1,234,567", "91.00", "%", "89.00", "%"],
    ]
    assert lines[4].split("  ")[0] == "gain in points over"
    assert "+1.00 (-1.00 to +3.00)" in lines[5]
    assert lines[5].endswith(" +2.00")
    assert all(len(line) <= 80 for line in lines)


def test_errors_have_no_unit() -> None:
    lines = _found("val_rmse").lines
    assert lines[4].startswith("gain over ")
    assert "+0.0100 (-0.0100 to +0.0300)" in lines[5]


def test_without_intervals_the_table_says_how_to_have_them() -> None:
    found = _found("val_acc")
    single = {ALONE: {"test": Estimate(0.02, 0.02, 0.02)}}
    alone = Distilled(found.network, found.objective, found.rows, single, ())
    assert alone.lines[-1] == "One pair of trainings has no interval; `seeds` takes several."
    assert found.lines[-1] != alone.lines[-1]


def test_plain_data_hold_every_figure() -> None:
    found = _found("val_acc").to_dict()
    assert json.loads(json.dumps(found)) == found
    assert found["rows"][DISTILLED]["metrics"] == {"val_acc": [0.9, 0.92], "test_acc": [0.88, 0.9]}
    assert found["gains"] == {ALONE: {"validation": [0.01, -0.01, 0.03], "test": [0.02, 0.02, 0.02]}}
    assert found["notes"] == ["A note."]


@pytest.mark.parametrize(("metric", "expected"), [("val_acc", (100.0, " points")), ("val_rmse", (1.0, ""))])
def test_the_unit_of_differences(metric: str, expected: tuple[float, str]) -> None:
    assert points(metric) == expected


def test_the_mean_over_trainings() -> None:
    assert Compared(1, {"val_acc": (0.5, 1.0)}, 0.0).mean("val_acc") == 0.75
