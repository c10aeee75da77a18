"""Reading values: plain ones, words, choices between them and their bounds."""

from collections.abc import Callable

import pytest

from nas.space import parse_space
from nas.space.reading.place import MAX_COPIES
from nas.space.reading.values import VALUES_KEYS


def test_keys_are_frozen() -> None:
    assert VALUES_KEYS == ("choice", "at_least", "at_most")
    assert MAX_COPIES == 1000


# Layers (or, where it begins with a key of the file, the whole file) and the exact message, after the name.
HEAD = "input: [4]\nlayers:\n"
PROBLEMS = {
    "number as text": (
        HEAD + "  - linear: {units: '3'}",
        "3:21: 0.linear.units: a value does not fit (expected a valid integer, got the text '3')",
    ),
    "float as a whole number": (
        HEAD + "  - linear: {units: 3.0}",
        "3:21: 0.linear.units: a value does not fit (expected a valid integer, got 3.0)",
    ),
    "boolean as a number": (
        HEAD + "  - linear: {units: true}",
        "3:21: 0.linear.units: a value does not fit (expected a valid integer, got true)",
    ),
    "no is a word": (
        HEAD + "  - linear: {units: 3, bias: no}",
        "3:30: 0.linear.bias: a value does not fit (expected a valid boolean, got the text 'no')",
    ),
    "too small": (
        HEAD + "  - linear: {units: 0}",
        "3:21: 0.linear.units: a value does not fit (expected greater than or equal to 1, got 0)",
    ),
    "not a number": (
        HEAD + "  - dropout: {p: .nan}",
        "3:18: 0.dropout.p: a value does not fit (expected less than 1, got nan)",
    ),
    "not one of the words": (
        HEAD.replace("4", "4, 4") + "  - conv: {width: 3, padding: sam}",
        "3:31: 0.conv.padding: a value does not fit (expected 'same' or 'valid', got the text 'sam')",
    ),
    "list as an argument": (
        HEAD + "  - linear: {units: [3]}",
        "3:21: 0.linear.units: a value does not fit (expected a valid integer, or {choice: [...]}, got a list of 1)",
    ),
    "mapping as an argument": (
        HEAD + "  - linear: {units: {choise: [3]}}",
        "3:21: 0.linear.units: not a value (expected a value, or {choice: [...]}, got a mapping with 'choise')",
    ),
    "outputs unknown": (
        HEAD + "  - linear: {units: outputs}",
        "3:21: 0.linear.units: the number of outputs is unknown (expected `outputs:` in the file, or a data set)",
    ),
    "empty choice of values": (
        HEAD + "  - linear: {units: {choice: []}}",
        "3:30: 0.linear.units: a choice has no options (expected a list of values, or labels with values, "
        "got a list of 0)",
    ),
    "value given twice": (
        HEAD + "  - linear: {units: {choice: [3, 4, 3]}}",
        "3:37: 0.linear.units: an option is given twice (got 3)",
    ),
    "param does not fit": (
        (
            "input: [4]\n"
            "define: {a: {parameters: {x: }, layers: [{linear: {units: x}}]}}\n"
            "layers: [{a: {x: {choice: [3, 0]}}}, {a: {x: many}}]"
        ),
        "2:59: 0.a.0.linear.units: a value does not fit (expected greater than or equal to 1, got 0)\n"
        "f:2:59: 1.a.0.linear.units: a value does not fit (expected a valid integer, got the text 'many')",
    ),
    "value given twice in other words": (
        HEAD + "  - dropout: {p: {choice: [0.5, 5e-1]}}",
        "3:33: 0.dropout.p: an option is given twice (got 0.5)",
    ),
    "equal values": (
        "input: [4]\ndefine: {a: {parameters: {x: }, layers: []}}\nlayers: [{a: {x: {choice: [1, 1.0]}}}]",
        "3:31: 0.a.x: an option is given twice (got 1.0)",
    ),
    "value that is no number": (
        "input: [4]\ndefine: {a: {parameters: {x: }, layers: []}}\nlayers: [{a: {x: {choice: [.nan, 1]}}}]",
        "3:28: 0.a.x: an option is not a number (expected a number, got nan)",
    ),
    "options that do not fit": (
        # Nothing follows from them: neither that they are given twice nor that they are no numbers to be bounded.
        HEAD + "  - linear: {units: {choice: [a, a, 2, 2], at_most: 3}}",
        "3:31: 0.linear.units: a value does not fit (expected a valid integer, got the text 'a')\n"
        "f:3:34: 0.linear.units: a value does not fit (expected a valid integer, got the text 'a')\n"
        "f:3:40: 0.linear.units: an option is given twice (got 2)",
    ),
    "def as value no choice": (
        "input: [4]\ndefine: {a: relu}\nlayers: [{linear: {units: a}}]",
        "3:27: 0.linear.units: 'a' is not a choice of values (expected a: {choice: [...]}, got the text 'relu')",
    ),
    "def choice as value wrong": (
        "input: [4]\ndefine: {a: {choice: [2, wide]}}\nlayers: [{linear: {units: a}}]",
        "2:26: 0.linear.units: a value does not fit (expected a valid integer, got the text 'wide')",
    ),
    "def choice as value keys": (
        "input: [4]\ndefine: {a: {choice: [2], at_most: 9, parameters: {}}}\nlayers: [{linear: {units: a}}]",
        "2:39: 0.linear.units: no such key: 'parameters' (expected choice, at_least, at_most)",
    ),
    "value unknown key": (
        HEAD + "  - linear: {units: {choice: [2], at_mots: 3}}",
        "3:35: 0.linear.units: no such key: 'at_mots' (expected choice, at_least, at_most; did you mean 'at_most'?)",
    ),
    "bound of word": (
        HEAD + "  - linear: {units: {choice: [2], at_most: width}}",
        "3:44: 0.linear.units: not a bound (expected a number, size or channels, or arithmetic on these, "
        "got the text 'width')",
    ),
    "bound flat": (
        HEAD + "  - linear: {units: {choice: [2], at_least: flat}}",
        "3:45: 0.linear.units: not a bound (expected a number, size or channels, or arithmetic on these, "
        "got the text 'flat')",
    ),
    "bound bool": (
        HEAD + "  - linear: {units: {choice: [2], at_least: true}}",
        "3:45: 0.linear.units: not a bound (expected a number, size or channels, or arithmetic on these, got true)",
    ),
    "bound words": (
        HEAD.replace("4", "4, 4") + "  - conv: {width: 2, padding: {choice: [same, valid], at_least: 2}}",
        "3:65: 0.conv.padding: at_least bounds numbers (expected options that are numbers)",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_in_exact_words(name: str, refusal: Callable[[str], str]) -> None:
    text, message = PROBLEMS[name]
    assert refusal(text) == f"f:{message}"


def test_numbers_stay_what_they_are_written_as() -> None:
    space = parse_space(HEAD + "  - leaky_relu: {negative_slope: {choice: [0, 1.0, 1e-2]}}")
    (options,) = space.universe.values()
    assert [repr(option) for option in options] == ["0.0", "1.0", "0.01"]


def test_the_number_of_classes_may_be_an_option() -> None:
    text = HEAD.replace("layers", "outputs: 7\nlayers") + "  - linear: {units: {choice: [3, outputs]}}"
    assert parse_space(text).universe == {"0.linear.units": (3, 7)}


def test_options_may_have_labels() -> None:
    layers = """
  - {name: body, repeat: {choice: {once: 1, twice: 2}}, of: [{linear: {units: {choice: {narrow: 2, wide: 4}}}}]}
  - {relu: , when: {body.repeat: twice}}
  - block: {units: {choice: {few: 3, many: 5, lots: 7}, at_most: 6}}
  - block: {units: many}
"""
    define = """
  block: {parameters: {units: }, layers: [{linear: {units: units}}, {gelu: , when: {units: 5}}]}
  many: {share: true, choice: {eight: 8, nine: 9}}
"""
    space = parse_space(f"input: [4]\ndefine: {define}\nlayers: {layers}")
    assert space.universe == {
        "body.repeat": ("once", "twice"),
        "body.0.0.linear.units": ("narrow", "wide"),
        "body.1.0.linear.units": ("narrow", "wide"),
        "2.block.units": ("few", "many", "lots"),
        "many": ("eight", "nine"),
    }
    assert space.size == (2 + 4) * 2 * 2
    arch = space.rebuild(
        {
            "body.repeat": "twice",
            "body.0.0.linear.units": "wide",
            "body.1.0.linear.units": "narrow",
            "2.block.units": "many",
            "many": "nine",
        }
    )
    assert [layer.op.text for layer in arch.layers] == [
        "linear(units=4)", "linear(units=2)", "relu", "linear(units=5)", "gelu", "linear(units=9)",
    ]  # fmt: skip
