"""Spaces and architectures in a terminal."""

import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from nas.space import Architecture, Space, load_space, parse_space
from nas.space.drawing.show import (
    BAR,
    BINS,
    fold_choices,
    histogram,
    layer_table,
    show_architecture,
    show_size,
    show_space,
)

SPACES = Path(__file__).parents[3] / "search_spaces"
DIGITS = SPACES / "digits_cnn.yaml"

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
    show_space(space.survey(samples=samples, seed=seed), console=console)
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
    assert lines[1] == f"{show_size(space.size)} architectures, {len(space.universe)} choices"
    sampled = [space.sample(rng) for rng in [np.random.default_rng(0)] for _ in range(50)]
    lengths = sorted(len(arch.choices) for arch in sampled)
    assert lines[2].startswith(f"a walk meets {lengths[0]} to {lengths[-1]} of them, ")
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
    assert _shown(parse_space(SMALL)).startswith(
        "two [ways]  2×6×6 → any shape\n2 architectures, 1 choices\na walk meets 1 of them\n"
    )
    odd = SMALL.replace("two [ways]", "'a [/b] [red] c'")
    assert _shown(parse_space(odd)).startswith("a [/b] [red] c  2×6×6")


def test_a_size_that_is_unknown() -> None:
    space = parse_space(SMALL)
    found = replace(space.survey(samples=5), size=None, size_note="about 10^9 [estimated]")
    stream = io.StringIO()
    show_space(found, console=Console(file=stream, width=100))
    assert "about 10^9 [estimated], 1 choices" in stream.getvalue()


def test_options_that_no_architecture_takes_stand_apart() -> None:
    text = SMALL + "  - {repeat: 4, of: [{choice: [relu, {max_pool: {kernel: 9}}]}]}\n"
    rows = [re.split(r"\s{2,}", line.strip()) for line in _shown(parse_space(text)).splitlines()]
    assert ["choice", "options", "never taken"] in rows
    assert ["0.conv.width", "4, 8"] in rows
    assert ["2.{0…3}.0", "relu", "max_pool"] in rows
    assert "never taken" not in _shown(parse_space(SMALL))


def test_standard_output_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    space = parse_space(SMALL)
    show_space(space.survey(samples=3))
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


def _repeated() -> Architecture:
    text = """
input: [8, 6, 6]
layers:
  - repeat: 3
    of: [{residual: [{conv: {width: 8}}]}, {dropout: {p: 0.123456}}]
  - {repeat: 2, of: [{conv: {width: 8, kernel: 1}}]}
"""
    return next(iter(parse_space(text)))


def test_equal_parts_are_folded() -> None:
    assert _table(_repeated()) == [
        ["layer", "op", "reads", "output", "params", "MACs"],
        ["3", "×"],
        ["conv1", "conv(width=8)", "8×6×6", "584", "20,736"],
        ["add1", "add", "input", "+", "conv1", "8×6×6"],
        ["dropout1", "dropout(p=0.123)", "8×6×6"],
        ["2", "×"],
        ["conv4", "conv(width=8,", "kernel=1)", "8×6×6", "72", "2,304"],
        ["total", "1,896", "66,816"],
    ]


def test_copies_of_a_cell_are_folded() -> None:
    space = load_space(SPACES / "nasbench201.yaml")
    arch = space.rebuild(dict.fromkeys(space.universe, "nor_conv_1x1"))
    rows = _table(arch)
    assert len(arch.layers) > 300 > 100 > len(rows)
    cells = [row for row in rows if row[:3] == ["5", "×", "normal"]]
    assert [row[4] for row in cells] == ["16×32×32", "32×16×16", "64×8×8"]
    assert cells[0][5:] == ["5", "×", "1,728", "5", "×", "1,572,864"]
    names = [row[0] for row in rows]
    first = {name for name, layer in zip(arch.names, arch.layers, strict=True) if layer.op.name == "linear"}
    assert first <= set(names)


def test_tables_fit_in_120_columns(network: Architecture) -> None:
    stream = io.StringIO()
    Console(file=stream, width=120).print(layer_table(network))
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines)) <= 120
    shown = stream.getvalue()
    assert "…" not in shown, "nothing is cut off"
    assert all(name in shown for name in (*network.cells, *network.names[-1:]))


def test_an_architecture_of_a_space() -> None:
    space = parse_space(SMALL)
    stream = io.StringIO()
    show_architecture(space, space.rebuild({"0.conv.width": 4}), console=Console(file=stream, width=100))
    lines = [line.split() for line in stream.getvalue().splitlines()]
    assert lines[0][:5] == ["two", "[ways]", "2×6×6", "→", "8×6×6"]
    assert ["total", "404", "14,112"] in lines
    assert lines[-2:] == [["choice", "taken"], ["0.conv.width", "4"]]


def test_sizes() -> None:
    assert show_size(15_625) == "15,625"
    assert show_size(282_710_031_500_590_500_768) == "282,710,031,500,590,500,768 (2.8e20)"
    assert show_size(10**12) == "1,000,000,000,000 (1.0e12)"
    assert show_size(123 * 10**400) == "about 1.2e402"


def test_choices_that_are_alike_are_folded() -> None:
    names = [f"net.{step}" for step in range(5)] + [f"net.{step}.conv.width" for step in (0, 1, 2, 4)]
    choices = {name: ["a", "b"] for name in sorted(names)} | {"net.3.conv.width": [1], "0": [2], "1": [2], "2": [2]}
    assert list(fold_choices(choices)) == [
        ("net.{0…4}", ["a", "b"]),
        ("net.{0…2, 4}.conv.width", ["a", "b"]),
        ("net.3.conv.width", [1]),
        ("0", [2]),
        ("1", [2]),
        ("2", [2]),
    ]


def test_a_long_sequence_has_few_lines_of_choices() -> None:
    space = load_space(SPACES / "metaqnn_cifar10.yaml")
    folded = dict(fold_choices({name: list(options) for name, options in space.universe.items()}))
    assert len(space.universe) > 100
    assert len(folded) < 10
    assert folded["net.{0…18}"] == ["conv", "pool", "fc", "fc2", "gap", "softmax"]


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
