"""Arithmetic in files: where it may stand, what it is checked for, and what it comes to."""

from collections.abc import Callable

import pytest

from nas.errors import SpecError
from nas.space import Space, parse_space

HEAD = "input: [3, 8, 8]\ndefine: {b: {parameters: {w: , n: 2}, layers: [%s]}}\nlayers: [{b: %s}]"
PROBLEMS = {
    "unknown words": (
        HEAD % ("{conv: {width: w // 2}}, {repeat: m - 1, of: [relu]}, {conv: {width: v * n}}", "{w: 8}"),
        "2:82: 0.b.1.repeat: no word is named 'm' (expected w, n, got m - 1)\n"
        "f:2:117: 0.b.2.conv.width: no word is named 'v' (expected w, n, got v * n)",
    ),
    "misspelled word": (
        HEAD.replace("w: , n: 2", "width: ") % ("{conv: {width: widht // 2}}, {conv: {width: width}}", "{width: 8}"),
        "2:61: 0.b.0.conv.width: no word is named 'widht' (expected width, got widht // 2; did you mean 'width'?)",
    ),
    "no words at all": (
        "input: [4]\nlayers: [{linear: {units: n - 1}}]",
        "2:27: 0.linear.units: no word is named 'n' (expected a parameter of a definition, got n - 1)",
    ),
    "unknown number of outputs": (
        "input: [4]\nlayers: [{linear: {units: 2 * outputs}}]",
        "2:27: 0.linear.units: the number of outputs is unknown (expected `outputs:` in the file, or a data set, got "
        "2 * outputs)",
    ),
    "a definition": (
        "input: [4]\ndefine: {u: {choice: [1, 2]}}\nlayers: [{linear: {units: 2 * u}}]",
        "3:27: 0.linear.units: 'u' is a definition (expected numbers and parameters, got 2 * u)",
    ),
    "out of range": (
        HEAD % ("{conv: {width: w // 8}}", "{w: {choice: [4, 16]}}"),
        "2:63: 0.b.0.conv.width: w // 8 is 0 where w is 4, and must be greater than or equal to 1",
    ),
    "always out of range": (
        HEAD % ("{conv: {width: w - n}}", "{w: {choice: [4, 6]}, n: {choice: [6, 8]}}"),
        "2:63: 0.b.0.conv.width: w - n is -2 where w is 4 and n is 6, and must be greater than or equal to 1",
    ),
    "another type": (
        HEAD % ("{conv: {width: w / 2}}", "{w: 8}"),
        "2:63: 0.b.0.conv.width: w / 2 is 4.0 where w is 8, and must be a valid integer",
    ),
    "a text": (
        HEAD % ("{conv: {width: 4, padding: w + 1}}", "{w: 4}"),
        "2:75: 0.b.0.conv.padding: w + 1 is 5 where w is 4, and must be 'same' or 'valid'",
    ),
    "word that is no number": (
        HEAD % ("{conv: {width: w - 1}}", "{w: same}"),
        "2:63: 0.b.0.conv.width: w - 1 where w is same: w is not a number",
    ),
    "copies": (
        HEAD % ("{repeat: n - 3, of: [relu]}", "{w: 4}"),
        "2:57: 0.b.0.repeat: n - 3 is -1 where n is 2, and must be greater than or equal to 0",
    ),
    "division by zero": (
        HEAD % ("{conv: {width: w // (n - 2)}}, {relu: , when: {channels: '> w // (n - 2)'}}", "{w: 4}"),
        "2:63: 0.b.0.conv.width: w // (n - 2) where w is 4 and n is 2: division by zero\n"
        "f:2:105: 0.b.1.when: w // (n - 2) where w is 4 and n is 2: division by zero",
    ),
    "words as options": (
        HEAD % ("{conv: {width: {choice: [w, 2 * w]}}}", "{w: 4}"),
        "2:73: 0.b.0.conv.width: an option cannot be a word (expected plain values, or arithmetic on 'outputs', got "
        "the "
        "text 'w')\n"
        "f:2:76: 0.b.0.conv.width: an option cannot be a word (expected plain values, or arithmetic on 'outputs', got "
        "the text '2 * w')",
    ),
    "bound": (
        HEAD % ("{conv: {width: {choice: [4, 8], at_least: q // 2}}}, {conv: {width: w}}", "{w: 4}"),
        "2:90: 0.b.0.conv.width: not a bound (expected a number, size or channels, or arithmetic on these, got "
        "the text 'q // 2')",
    ),
    "condition": (
        HEAD % ("{relu: , when: {channels: '> 2 * v'}}, {conv: {width: w}}", "{w: 4}"),
        "2:74: 0.b.0.when: no word is named 'v' (expected w, n, got 2 * v)",
    ),
    "no option is so": (
        HEAD % ("{relu: , when: {n: '> 2 * w'}}, {relu: , when: {n: w // 2}}", "{w: 4, n: {choice: [3, 8]}}"),
        "2:67: 0.b.0.when: no option of 'n' satisfies this (expected 3, 8, got the text '> 2 * w')\n"
        "f:2:99: 0.b.1.when: 'n' has no such option (expected 3, 8, got the text 'w // 2')",
    ),
    "no arithmetic": (
        HEAD % ("{conv: {width: w ** 2}}, {conv: {width: w.real}}", "{w: 4}"),
        "2:63: 0.b.0.conv.width: a value does not fit (expected a valid integer, or arithmetic with +, -, *, /, //, "
        "%, min and max, got the text 'w ** 2')\n"
        "f:2:88: 0.b.1.conv.width: a value does not fit (expected a valid integer, got the text 'w.real'; did you mean "
        "'w'?)",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_in_exact_words(name: str, refusal: Callable[[str], str]) -> None:
    text, message = PROBLEMS[name]
    assert refusal(text) == f"f:{message}"


def _texts(space: Space) -> list[list[str]]:
    return [[layer.op.text for layer in arch.layers] for arch in space]


def test_a_first_block_that_is_strided_is_written_once() -> None:
    space = parse_space(
        """
input: [3, 32, 32]
define:
  block:
    parameters: {width: , stride: 1}
    layers: [{conv: {width: width, stride: stride}}, relu]
  stage:
    parameters: {width: , blocks: , stride: 2}
    layers:
      - block: {width: width, stride: stride}
      - repeat: blocks - 1
        of: [{block: {width: width}}]
      - conv: {width: "max(width // 4, 3)", kernel: 1}
layers:
  - stage: {width: 8, blocks: 1}
  - stage: {width: 2 * 8, blocks: {choice: [1, 3]}}
"""
    )
    first = ["conv(width=8, stride=2)", "relu", "conv(width=3, kernel=1)"]
    strided, plain, last = "conv(width=16, stride=2)", "conv(width=16)", "conv(width=4, kernel=1)"
    assert _texts(space) == [
        [*first, strided, "relu", last],
        [*first, strided, "relu", plain, "relu", plain, "relu", last],
    ]
    assert list(space.universe) == ["1.stage.blocks"]


def test_arithmetic_is_passed_on() -> None:
    define = """
  outer: {parameters: {n: }, layers: [{inner: {m: n * n, rate: n / 4}}]}
  inner: {parameters: {m: , rate: }, layers: [{linear: {units: m + 1}}, {dropout: {p: rate}}]}
"""
    space = parse_space(f"input: [4]\ndefine: {define}\nlayers: [{{outer: {{n: {{choice: [1, 2]}}}}}}]")
    assert _texts(space) == [["linear(units=2)", "dropout(p=0.25)"], ["linear(units=5)", "dropout"]]


def test_in_options_bounds_and_conditions() -> None:
    define = """
  b:
    parameters: {n: }
    layers:
      - {relu: , when: {channels: 3 * n}}
      - {gelu: , when: {channels: "> 2 * (n + outputs)"}}
      - {tanh: , when: {channels: [6 * n, outputs + 2]}}
      - {linear: {units: {choice: [1, 2], at_most: n}}}
      - {silu: , when: {n: "< outputs - 1"}}
"""
    layers = """
  - linear: {units: {choice: [outputs, 2 * outputs, 9], at_least: channels // 2 + 1}}
  - b: {n: {choice: [1, 2]}}
  - linear: {units: outputs}
"""
    space = parse_space(f"input: [6]\noutputs: 3\ndefine: {define}\nlayers: {layers}")
    assert space.universe["0.linear.units"] == (3, 6, 9)
    assert [" ".join(texts[1:-1]).replace("linear", "") for texts in _texts(space)] == [
        "tanh (units=1) silu",
        "relu (units=1)",
        "relu (units=2)",
        "gelu (units=1) silu",
        "(units=1)",
        "(units=2)",
    ]


def test_what_depends_on_shapes_is_checked_on_the_walk() -> None:
    cell = "{cell: {nodes: 2, edge: [{conv: {width: width // 2}}, {conv: {width: width}}]}}"
    assert _texts(parse_space(f"input: [4, 8]\nlayers: [{cell}]"))[0][:2] == ["conv(width=2)", "conv(width=4)"]
    with pytest.raises(SpecError, match=r"no architecture fits: width // 2 is 0 where width is 1, and must be greater"):
        parse_space(f"input: [1, 8]\nlayers: [{cell}]").check()
    # Of values that words do not have together nothing is said.
    define = (
        "{a: {parameters: {n: }, layers: [{b: {n: n, half: n // 2}}]}, b: {parameters: {n: , half: }, layers: [%s]}}"
    )
    space = parse_space(
        f"input: [4]\ndefine: {define % '{linear: {units: n - half}}'}\nlayers: [{{a: {{n: {{choice: [2, 8]}}}}}}]"
    )
    assert _texts(space) == [["linear(units=1)"], ["linear(units=4)"]]


def test_widths_and_strides_of_cells() -> None:
    define = """
  stage:
    parameters: {width: , strides: 3}
    cell: {nodes: 1, width: 2 * width, stride: strides - 1, edge: {conv: {width: width, stride: stride}}}
"""
    space = parse_space(f"input: [3, 8]\ndefine: {define}\nlayers: [{{stage: {{width: 5}}}}]")
    assert _texts(space) == [["conv(width=10, stride=2)"]]
