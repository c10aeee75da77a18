"""Reading sequences: their steps, depths and dropouts."""

from collections.abc import Callable

import pytest

from nas.space import parse_space
from nas.space.reading.sequences import DROPOUT_KEYS, STEP_KEYS


def test_keys_are_frozen() -> None:
    assert " ".join(STEP_KEYS) == "layers after max when last"
    assert " ".join(DROPOUT_KEYS) == "p every after except beyond"


# Layers (or, where it begins with a key of the file, the whole file) and the exact message, after the name.
HEAD = "input: [4]\nlayers:\n"
PROBLEMS = {
    "seq list": (
        HEAD + "  - {sequence: [relu], depth: 2}",
        "3:16: 0: a sequence has no steps (expected a mapping of names to steps, got a list of 1)",
    ),
    "seq empty": (
        HEAD + "  - {sequence: {}, depth: 2}",
        "3:16: 0: a sequence has no steps (expected a mapping of names to steps, got a mapping with no keys)",
    ),
    "seq no depth": (
        HEAD + "  - {sequence: {a: {layers: relu}}}",
        "3:5: 0: the depth is missing (expected 'depth: N', the maximum number of steps)",
    ),
    "seq depth no max": (
        HEAD + "  - {sequence: {a: {layers: relu}}, depth: {min: 2}}",
        "3:44: 0: the depth is missing (expected 'max', got a mapping with 'min')",
    ),
    "seq depth key": (
        HEAD + "  - {sequence: {a: {layers: relu}}, depth: {max: 2, mn: 1}}",
        "3:53: 0.depth: no such key: 'mn' (expected min, max; did you mean 'min'?)",
    ),
    "seq depth order": (
        HEAD + "  - {sequence: {a: {layers: relu}}, depth: {min: 3, max: 2}}",
        "3:44: 0: the depth is out of range (expected 0 to 1000 steps, and min not above max, got a mapping with "
        "'min', 'max')",
    ),
    "seq depth much": (
        HEAD + "  - {sequence: {a: {layers: relu}}, depth: 1001}",
        "3:44: 0: the depth is out of range (expected 0 to 1000 steps, and min not above max, got 1001)",
    ),
    "seq depth 0": (
        HEAD + "  - {sequence: {a: {layers: relu}}, depth: 0}",
        "3:44: 0: the depth is out of range (expected 0 to 1000 steps, and min not above max, got 0)",
    ),
    "seq depth word": (
        HEAD + "  - {sequence: {a: {layers: relu}}, depth: deep}",
        "3:44: 0.depth: not a count (expected a whole number, 0 or more, got the text 'deep')",
    ),
    "seq step word": (
        HEAD + "  - {sequence: {a: relu}, depth: 2}",
        "3:20: 0.a: a step must be a mapping (expected a mapping with 'layers', got the text 'relu')",
    ),
    "seq step no layers": (
        HEAD + "  - {sequence: {a: {max: 2}}, depth: 2}",
        "3:20: 0.a: a step has no layers (expected 'layers: [...]', got a mapping with 'max')",
    ),
    "seq step key": (
        HEAD + "  - {sequence: {a: {layers: relu, befor: b}}, depth: 2}",
        "3:35: 0.a: no such key: 'befor' (expected layers, after, max, when, last)",
    ),
    "seq step start": (
        HEAD + "  - {sequence: {start: {layers: relu}}, depth: 2}",
        "3:24: 0: this step name is reserved (expected another name)",
    ),
    "seq step end": (
        HEAD + "  - {sequence: {end: {layers: relu}, a: {layers: relu}}, depth: 2}",
        "3:22: 0: this step name is reserved (expected another name)",
    ),
    "seq steps without names": (
        HEAD + "  - {sequence: {a b: {layers: relu}, '': {layers: gelu}}, depth: 2}",
        "3:17: 0: 'a b' is not a valid step name (expected letters, digits, underscores and hyphens, with at least "
        "one letter)\n"
        "f:3:38: 0: '' is not a valid step name (expected letters, digits, underscores and hyphens, with at least "
        "one letter)",
    ),
    "seq after": (
        HEAD + "  - {sequence: {conv: {layers: relu, after: [strat, con]}}, depth: 2}",
        "3:46: 0.conv.after: no such step (expected start, conv, got the text 'strat'; did you mean 'start'?)\n"
        "f:3:53: 0.conv.after: no such step (expected start, conv, got the text 'con'; did you mean 'conv'?)",
    ),
    "seq after one": (
        HEAD + "  - {sequence: {a: {layers: relu, after: b}}, depth: 2}",
        "3:42: 0.a.after: no such step (expected start, a, got the text 'b')",
    ),
    "seq max": (
        HEAD + "  - {sequence: {a: {layers: relu, max: -1}}, depth: 2}",
        "3:40: 0.a.max: not a count (expected a whole number, 0 or more, got -1)",
    ),
    "seq last": (
        HEAD + "  - {sequence: {a: {layers: relu, last: 1}}, depth: 2}",
        "3:41: 0.a.last: a value does not fit (expected true or false, got 1)",
    ),
    "seq layers": (
        HEAD + "  - {sequence: {a: {layers: [relo]}}, depth: 2}",
        "3:30: 0.a.0: no op is named 'relo' (did you mean 'relu'?)",
    ),
    "dropout number": (
        HEAD + "  - {sequence: {a: {layers: relu}}, depth: 2, dropout: 0.5}",
        "3:56: 0.dropout: the rate is missing (expected a mapping with 'p', got 0.5)",
    ),
    "dropout no p": (
        HEAD + "  - {sequence: {a: {layers: relu}}, depth: 2, dropout: {every: 2}}",
        "3:56: 0.dropout: the rate is missing (expected a mapping with 'p', got a mapping with 'every')",
    ),
    "dropout p": (
        HEAD + "  - {sequence: {a: {layers: relu}}, depth: 2, dropout: {p: 1.5}}",
        "3:60: 0.dropout.p: a value does not fit (expected less than 1, got 1.5)",
    ),
    "dropout every": (
        HEAD + "  - {sequence: {a: {layers: relu}}, depth: 2, dropout: {p: 0.5, every: two}}",
        "3:72: 0.dropout.every: not a count (expected a whole number, 0 or more, got the text 'two')",
    ),
    "dropout every below 0": (
        HEAD + "  - {sequence: {a: {layers: relu}}, depth: 2, dropout: {p: 0.5, every: -1}}",
        "3:72: 0.dropout.every: not a count (expected a whole number, 0 or more, got -1)",
    ),
    "dropout key": (
        HEAD + "  - {sequence: {a: {layers: relu}}, depth: 2, dropout: {p: 0.5, evry: 2}}",
        "3:65: 0.dropout: no such key: 'evry' (expected p, every, after, except, beyond; did you mean 'every'?)",
    ),
    "dropout after": (
        HEAD + "  - {sequence: {a: {layers: relu}}, depth: 2, dropout: {p: 0.5, after: [start], except: b}}",
        "3:73: 0.dropout.after: no such step (expected a, got the text 'start')\n"
        "f:3:89: 0.dropout.except: no such step (expected a, got the text 'b')",
    ),
    "dropout beyond": (
        HEAD + "  - {sequence: {a: {layers: relu}}, depth: 2, dropout: {p: 0.5, beyond: 1}}",
        "3:73: 0.dropout.beyond: a value does not fit (expected true or false, got 1)",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_in_exact_words(name: str, refusal: Callable[[str], str]) -> None:
    text, message = PROBLEMS[name]
    assert refusal(text) == f"f:{message}"


@pytest.mark.parametrize("p", ["0", "0.0", "-0.0"])
def test_dropouts_of_rate_0_are_none(p: str) -> None:
    (arch,) = parse_space(
        HEAD + f"  - {{sequence: {{a: {{layers: relu}}}}, depth: {{min: 2, max: 2}}, dropout: {{p: {p}, every: 1}}}}"
    )
    assert [layer.op.text for layer in arch.layers] == ["relu", "relu"]


def test_counts_may_be_written_as_floats() -> None:
    text = HEAD + "  - {sequence: {a: {layers: relu, max: 3.0}}, depth: {min: 1.0, max: 1e1}}"
    assert [len(arch.layers) for arch in parse_space(text)] == [3, 2, 1]
