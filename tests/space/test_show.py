"""Spaces and architectures in a terminal."""

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from nas.space import Architecture, Space, load_space, parse_space
from nas.space.show import BAR, BINS, histogram, layer_table, show_space

DIGITS = Path(__file__).parents[2] / "search_spaces" / "digits_cnn.yaml"

SMALL = """
name: two [ways]
input: [2, 6, 6]
layers:
  - conv: {width: {choice: [4, 8]}}
  - residual: [{conv: {width: 8}}, relu]
    project: true
"""


def _shown(space: Space, *, samples: int = 50, seed: int = 0, width: int = 120) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, highlight=False)
    show_space(space, space.describe(samples=samples, seed=seed), seed=seed, console=console)
    return stream.getvalue()


def _table(arch: Architecture) -> list[list[str]]:
    stream = io.StringIO()
    Console(file=stream, width=160).print(layer_table(arch))
    return [line.split() for line in stream.getvalue().splitlines()]


def test_a_space() -> None:
    space = load_space(DIGITS)
    text = _shown(space)
    lines = [line.rstrip() for line in text.splitlines()]
    assert lines[0] == "digits_cnn  1×8×8 → 10"
    assert lines[1] == f"{space.size:,} architectures, {len(space.universe)} choices"
    assert ["body.0.0.conv.width", "16,", "24,", "32,", "48"] in [line.split() for line in lines]
    for name, options in space.universe.items():
        assert any(line.split("  ")[0] == name and line.endswith(str(options[-1])) for line in lines)
    facts = space.describe(samples=50, seed=0)
    for name in ("params", "macs"):
        values = ", ".join(f"{quantile} {value:,}" for quantile, value in facts[name].items())
        assert f"{name} of 50 uniform samples · {values}" in lines
    assert f"one of them ({space.sample(np.random.default_rng(0)).id})" in lines


def test_the_seed_decides() -> None:
    space = load_space(DIGITS)
    assert _shown(space, seed=1) == _shown(space, seed=1) != _shown(space, seed=2)


def test_names_are_shown_as_they_are() -> None:
    assert _shown(parse_space(SMALL)).startswith("two [ways]  2×6×6 → any shape\n2 architectures, 1 choices\n")
    odd = SMALL.replace("two [ways]", "'a [/b] [red] c'")
    assert _shown(parse_space(odd)).startswith("a [/b] [red] c  2×6×6")


def test_a_size_that_is_unknown() -> None:
    space = parse_space(SMALL)
    facts = {**space.describe(samples=5), "size": None, "size_note": "about 10^9 [estimated]"}
    stream = io.StringIO()
    show_space(space, facts, seed=0, console=Console(file=stream, width=100))
    assert "about 10^9 [estimated], 1 choices" in stream.getvalue()


def test_standard_output_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    space = parse_space(SMALL)
    show_space(space, space.describe(samples=3), seed=0)
    assert capsys.readouterr().out.startswith("two [ways]")


def test_layers_of_an_architecture() -> None:
    arch = parse_space(SMALL).rebuild({"0.conv.width": 4})
    first, second, projection = (
        cost.params for cost in (arch.layers[0].cost, arch.layers[1].cost, arch.layers[3].cost)
    )
    assert (first, second, projection) == (76, 296, 32)
    assert _table(arch) == [
        ["layer", "op", "reads", "output", "params", "MACs"],
        ["conv1", "conv(width=4)", "4×6×6", "76", "2,592"],
        ["conv2", "conv(width=8)", "8×6×6", "296", "10,368"],
        ["relu1", "relu", "8×6×6"],
        ["conv3", "conv(width=8,", "kernel=1,", "bias=False)", "conv1", "8×6×6", "32", "1,152"],
        ["add1", "add", "conv3", "+", "relu1", "8×6×6"],
        ["total", f"{arch.params:,}", f"{arch.macs:,}"],
    ]


def test_an_architecture_without_layers() -> None:
    assert _table(Architecture((), (), (4,))) == [
        ["layer", "op", "reads", "output", "params", "MACs"],
        ["total", "0", "0"],
    ]


@pytest.mark.parametrize("values", [[5], [5, 5, 5], [0, 1], list(range(100)), [1, 10**12], [0] * 99 + [1]])
def test_histograms_count_every_value(values: list[int]) -> None:
    lines = histogram(values)
    assert 1 <= len(lines) <= BINS
    assert sum(int(line.split()[-1]) for line in lines) == len(values)
    bars = [line.count("█") for line in lines]
    assert max(bars) == BAR
    assert len({line.index("–") for line in lines}) == 1, "ranges stand below each other"


def test_a_histogram_is_golden() -> None:
    assert histogram([0, 1, 1, 1, 1, 4, 1000]) == [
        f"    0 –   250  {'█' * 40} 6",
        "  250 –   500   0",
        "  500 –   750   0",
        f"  750 – 1,000  {'█' * 7} 1",
    ]
