"""What people who come from PyTorch, or to YAML, write by mistake: the place and the words that should help them."""

import pytest

from nas.errors import SpecError
from nas.space import parse_space
from nas.space.reading.load import TOP_KEYS

HEAD = "input: [3, 32, 32]\n\nlayers:\n"
CONV = "width, kernel, stride, padding, dilation, groups, bias"
OF = "(expected 'of: [...]' beside 'repeat'"

# A layer, from line 4 on, or a whole file; and what is said, less the name of the file.
KEYS = ", ".join(TOP_KEYS)

MISTAKES = {
    "PyTorch's name": (
        "- Conv2d: {width: 3}",
        "4:3: 0: no op, definition or keyword is named 'Conv2d' (did you mean 'conv'?)",
    ),
    "PyTorch's name alone": ("- ReLU", "4:3: 0: no op is named 'ReLU' (did you mean 'relu'?)"),
    "a call": ("- relu()", "4:3: 0: no op is named 'relu()' (did you mean 'relu'?)"),
    "PyTorch's argument": (
        "- conv: {width: 3, kernel_size: 3}",
        f"4:20: 0.conv: no such key: 'kernel_size' (expected {CONV}; did you mean 'kernel'?)",
    ),
    "another name of the width": (
        "- conv: {filters: 32}",
        "4:9: 0.conv: an argument is missing (expected 'width', got 'filters')\n"
        f"4:10: 0.conv: no such key: 'filters' (expected {CONV}; did you mean 'width'?)",
    ),
    "an argument that ours has not": (
        "- conv: {width: 3, activation: relu}",
        f"4:20: 0.conv: no such key: 'activation' (expected {CONV})",
    ),
    "number alone": ("- conv: 32", "4:9: 0.conv: arguments must be a mapping (expected {width: 32}, got 32)"),
    "number as text": (
        "- conv: {width: '32'}",
        "4:17: 0.conv.width: a value does not fit (expected a valid integer, got the text '32')",
    ),
    "list for a choice": (
        "- conv: {width: [16, 32]}",
        "4:17: 0.conv.width: a value does not fit (expected a valid integer, or {choice: [...]}, got a list of 2)",
    ),
    "choice of one": (
        "- conv: {width: {choice: 16}}",
        "4:26: 0.conv.width: a choice has no options (expected a list of values, or labels with values, got 16)",
    ),
    "misspelled choice": (
        "- conv: {width: {choices: [16]}}",
        "4:17: 0.conv.width: not a value (expected a value, or {choice: [...]}, got a mapping with 'choices')",
    ),
    "another word for the outputs": (
        "- flatten\n- linear: {units: num_classes}",
        "5:19: 1.linear.units: a value does not fit (expected a valid integer, got the text 'num_classes'; "
        "did you mean 'outputs'?)",
    ),
    "the classes, in arithmetic": (
        "- flatten\n- linear: {units: 2 * classes}",
        "5:19: 1.linear.units: no word is named 'classes' (expected a parameter of a definition, got 2 * classes; "
        "did you mean 'outputs'?)",
    ),
    "the classes, as a key": (
        "classes: 3\nlayers: []\ninput: [3]",
        f"1:1: no such key: 'classes' (expected {KEYS}; did you mean 'outputs'?)",
    ),
    "values where layers stand": (
        "- choice: [3, relu]",
        "4:12: 0: not a layer (expected an op, a definition or a keyword, got 3)",
    ),
    "a list as a layer": (
        "- [relu, gelu]",
        "4:3: 0: not a layer (expected an op, a definition or a keyword, or {layers: [...]} for several, "
        "got a list of 2)",
    ),
    "repeat without of": ("- repeat: 3", f"4:3: 0: the repeated layers are missing {OF})"),
    "repeat with layers": (
        "- repeat: 3\n  layers: [relu]",
        f"4:3: 0: a mapping with more than one layer {OF}, got repeat and layers)",
    ),
    "repeat of a word": (
        "- repeat: 3\n  of: relu",
        "5:7: 0: layers must be a list (expected a list of layers, got the text 'relu')",
    ),
    "argument not indented": (
        "- batch_norm\n- dropout:\n  p: 0.5",
        "6:3: 1: 'p' does not belong here (expected in dropout: {...}, or indented further)",
    ),
    "when within the arguments": (
        "- max_pool: {kernel: 2, when: {size: '>= 4'}}",
        "4:25: 0.max_pool: 'when' does not belong here (expected beside max_pool, not in it)",
    ),
    "if for when": (
        "- max_pool: {kernel: 2}\n  if: {size: '>= 4'}",
        "5:3: 0: no such key: 'if' (expected max_pool, name, when; did you mean 'when'?)",
    ),
    "condition as text": (
        "- relu:\n  when: size > 4",
        "5:9: 0.when: a condition must be a mapping (expected a mapping such as {size: '>= 4'}, got the text 'size > "
        "4')",
    ),
    "condition without a colon": (
        "- relu:\n  when: {size > 4}",
        "5:10: 0.when: 'size > 4' is not the name of a decision (expected the test behind a colon, as in {size: '>= "
        "4'})",
    ),
    "comparison": (
        "- relu:\n  when: {size: '=> 4'}",
        "5:16: 0.when: not a comparison (expected one of <=, >=, !=, <, > and a number, got the text '=> 4'; "
        "did you mean '>= 4'?)",
    ),
    "equality": (
        "- relu:\n  when: {size: '== 4'}",
        "5:16: 0.when: not a comparison (expected one of <=, >=, !=, <, > and a number, got the text '== 4'; "
        "did you mean '4'?)",
    ),
    "number of a comparison": (
        "- relu:\n  when: {size: '>= 1.2.3'}",
        "5:16: 0.when: not a comparison (expected one of <=, >=, !=, <, > and a number, got the text '>= 1.2.3')",
    ),
    "subject": (
        "- relu:\n  when: {width: '>= 4'}",
        "5:10: 0.when: no decision is named 'width' (expected size, channels, flat, or the name of a decision; "
        "did you mean 'channels'?)",
    ),
    "list for a merge": (
        "- parallel: [[relu], []]\n  merge: [add]",
        "5:10: 0.merge: no such merge (expected add, concat, multiply, got a list of 1)",
    ),
    "other key of the file": (
        "network: []\nlayers: []\ninput: [3]",
        f"1:1: no such key: 'network' (expected {KEYS}; did you mean 'layers'?)",
    ),
    "limit": (
        "limit: {params: 3}\nlayers: []\ninput: [3]",
        f"1:1: no such key: 'limit' (expected {KEYS}; did you mean 'limits'?)",
    ),
    "misspelled definition": (
        "define: {block: [relu]}\nlayers: [blok]\ninput: [3]",
        "2:10: 0: no op is named 'blok' (did you mean 'block'?)",
    ),
    "misspelled word": (
        "define: {block: {parameters: {width: }, layers: [{conv: {width: widht}}]}}\nlayers: [block: {width: 3}]\n"
        "input: [3, 8]",
        "1:65: 0.block.0.conv.width: a value does not fit (expected a valid integer, got the text 'widht'; "
        "did you mean 'width'?)",
    ),
    "misspelled values": (
        "define: {widths: {choice: [1, 2]}}\nlayers: [conv: {width: width}]\ninput: [3, 8]",
        "2:24: 0.conv.width: a value does not fit (expected a valid integer, got the text 'width'; "
        "did you mean 'widths'?)",
    ),
    "list as a definition of values": (
        "define: {widths: [1, 2]}\nlayers: [conv: {width: widths}]\ninput: [3, 8]",
        "2:24: 0.conv.width: 'widths' is not a choice of values (expected widths: {choice: [...]}, got a list of 2)",
    ),
    "other key for the parameters": (
        "define: {block: {params: {width: }, layers: [relu]}}\nlayers: [block: {width: 3}]\ninput: [3]",
        "1:18: define.block: no such key: 'params' (did you mean 'parameters'?)\n"
        "2:18: 0.block: no such key: 'width' (expected no keys)",
    ),
    "number for a definition": (
        "define: {block: [relu]}\nlayers: [block: 32]\ninput: [3]",
        "2:17: 0.block: arguments must be a mapping (expected no arguments, got 32)",
    ),
    "number for a definition with parameters": (
        "define: {block: {parameters: {width: }, layers: [relu]}}\nlayers: [block: 32]\ninput: [3]",
        "2:17: 0.block: arguments must be a mapping (expected {width: 32}, got 32)",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_explained(name: str) -> None:
    text, expected = MISTAKES[name]
    with pytest.raises(SpecError) as caught:
        parse_space(HEAD + text if text.startswith("- ") else text, file="f")
    assert str(caught.value) == "\n".join(f"f:{line}" for line in expected.splitlines())
