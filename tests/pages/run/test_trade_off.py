"""One metric over another: the front, its steps, the axes, and the labels of the finalists."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Any

import pytest

from nas.pages.run.trade_off import Point, front_of, trade_off_plot
from nas.trial import Direction, Objective

ACCURACY, SIZE = Objective("val_acc"), Objective("params", "minimize")
POINTS = [
    Point(0, 5000, 0.8), Point(1, 20_000, 0.9), Point(3, 8000, 0.85), Point(4, 30_000, 0.88), Point(5, 20_000, 0.91)
]  # fmt: skip


def plot(points: Sequence[Point] = POINTS, *, across: Objective = SIZE, up: Objective = ACCURACY, **more: Any) -> str:
    return trade_off_plot("size", points, across=across, up=up, **{"front_name": "best for its size", **more})


def texts(svg: str) -> list[str]:
    return [
        "".join(element.itertext()).strip().replace("\u00a0", " ")
        for element in ET.fromstring(svg).iter()
        if element.tag.endswith("}text")
    ]


@pytest.mark.parametrize(
    ("up", "across", "expected"),
    [
        ("maximize", "minimize", [0, 3, 5]),
        ("minimize", "minimize", [0]),
        ("maximize", "maximize", [5, 4]),
        ("minimize", "maximize", [0, 3, 4]),
    ],
)
def test_the_front(up: Direction, across: Direction, expected: list[int]) -> None:
    assert [one.number for one in front_of(POINTS, Objective("params", across), Objective("val_acc", up))] == expected
    assert front_of([], SIZE, ACCURACY) == []


def test_the_legend_names_what_is_there() -> None:
    assert {"trial", "best for its size"} <= set(texts(plot()))
    assert "finalist" not in texts(plot())
    assert {"parameters", "val_acc"} <= set(texts(plot()))
    assert "latency_ms" in texts(plot(across=Objective("latency_ms", "minimize")))
    assert {"10 k", "20 k"} <= set(texts(plot()))


def test_a_front_on_more_than_two_objectives_is_marked_and_not_joined() -> None:
    joined, marked = plot(), plot(front={0, 4}, front_name="front")
    assert "stroke: var(--green" in joined
    assert "stroke: var(--green" not in marked
    assert "var(--green" in marked
    assert "front" in texts(plot(front={0, 4}, front_name="front"))
    assert "front" not in texts(plot(front=set(), front_name="front"))


def test_finalists_are_labelled_however_long_they_were_trained() -> None:
    svg = plot(finalists=[1, 5, 99], chosen=5)
    assert {"#1", "#5", "finalist"} <= set(texts(svg))
    assert "#99" not in texts(svg)
    cut = [Point(0, 10, 0.99, 1), Point(1, 20, 0.5, 1), Point(2, 30, 0.6, 3), Point(3, 40, 0.9), Point(4, 50, 0.8)]
    assert "#2" in texts(plot(cut, finalists=[2]))


@pytest.mark.parametrize(
    "points",
    [
        [],
        [Point(0, 1000, 0.5)],
        [Point(0, 0, 0.5), Point(1, 10, 0.6)],
        [Point(0, 0, 0.0)],
        [Point(0, -1.5, 0.0), Point(1, 2.5, 1.0)],
        [Point(n, 1000, 0.5) for n in range(5)],
        [Point(n, 10 ** (n + 1), -1e6 * n) for n in range(9)],
    ],
)
@pytest.mark.parametrize("direction", ["maximize", "minimize"])
@pytest.mark.parametrize("metric", ["params", "損失", "val_acc"])
def test_odd_data(points: Sequence[Point], direction: Direction, metric: str) -> None:
    across, up = Objective(metric, direction), Objective("<b>$x^2$", direction)
    svg = plot(points, across=across, up=up, finalists=[point.number for point in points])
    assert "<b>$x^2$" in texts(svg)


def test_pyplot_is_never_imported_and_hash_seeds_do_not_show() -> None:
    code = (
        "import sys\nfrom nas.pages.run.trade_off import *\n"
        "points = [Point(n, 1000 + n, n / 9) for n in range(9)]\n"
        "aims = {'across': Objective('params', 'minimize'), 'up': Objective('val_acc')}\n"
        "print(trade_off_plot('size', points, front_name='best', finalists=[3], **aims))\n"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, env=os.environ | {"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
