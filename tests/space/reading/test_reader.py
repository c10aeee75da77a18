"""Reading layers: keywords and their keys, labels and names, and the exact words about what is wrong."""

from collections.abc import Callable

import pytest

from nas.document import MAX_DEPTH
from nas.errors import SpecError
from nas.ops import OPS
from nas.space import parse_space
from nas.space.reading.reader import KEYWORDS, MAX_PARTS


def test_keywords_are_frozen() -> None:
    # They are the language: taking one away breaks files, and belongs in the changelog.
    assert KEYWORDS == {
        "choice": (),
        "repeat": ("of", "share"),
        "residual": ("merge", "project"),
        "parallel": ("merge", "project"),
        "sequence": ("depth", "dropout"),
        "cell": (),
        "layers": (),
    }
    assert not set(KEYWORDS) & set(OPS)
    assert (MAX_PARTS, MAX_DEPTH) == (20_000, 64)


# Layers (or, where it begins with a key of the file, the whole file) and the exact message, after the name.
HEAD = "input: [4]\nlayers:\n"
PROBLEMS = {
    "unknown op": (
        HEAD + "  - max_pol",
        "3:5: 0: no op is named 'max_pol' (did you mean 'max_pool'?)",
    ),
    "unknown op with arguments": (
        HEAD + "  - relu\n  - con: {width: 3}",
        "4:5: 1: no op, definition or keyword is named 'con' (did you mean 'conv'?)",
    ),
    "unknown keyword": (
        HEAD + "  - chioce: [relu]",
        "3:5: 0: no op, definition or keyword is named 'chioce' (did you mean 'choice'?)",
    ),
    "keyword alone": (
        HEAD + "  - repeat",
        "3:5: 0: repeat is a keyword (expected 'repeat: ...', got the word alone)",
    ),
    "number as a layer": (
        HEAD + "  - 3",
        "3:5: 0: this is no layer (expected an op, a definition or a keyword, got 3)",
    ),
    "nothing as a layer": (
        HEAD + "  - relu\n  -\n",
        "4:4: 1: this is no layer (expected an op, a definition or a keyword, got nothing)",
    ),
    "empty layer": (
        HEAD + "  - {}",
        "3:5: 0: this is no layer (expected an op, a definition or a keyword, got a mapping with no keys)",
    ),
    "two ops in one layer": (
        HEAD + "  - conv: {width: 3}\n    relu:",
        "3:5: 0: a layer is one thing (expected an op, a definition or a keyword, got conv and relu)",
    ),
    "unknown argument": (
        HEAD + "  - linear: {unit: 3}",
        "3:13: 0.linear: an argument is missing (expected 'units', got 'unit')\n"
        "f:3:14: 0.linear: no such key: 'unit' (expected units, bias; did you mean 'units'?)",
    ),
    "missing argument": (
        HEAD + "  - linear",
        "3:5: 0.linear: an argument is missing (expected 'units', got no arguments)",
    ),
    "argument without its name": (
        HEAD + "  - linear: 10",
        "3:13: 0.linear: arguments are a mapping (expected {units: 10}, got 10)",
    ),
    "argument of an op without any": (
        HEAD + "  - relu: 10",
        "3:11: 0.relu: arguments are a mapping (expected no arguments, got 10)",
    ),
    "empty choice": (
        HEAD + "  - choice: []",
        "3:13: 0: a choice has no options (expected a list of layers, or labels with layers)",
    ),
    "choice of a word": (
        HEAD + "  - choice: relu",
        "3:13: 0: a choice has no options (expected a list of layers, or labels with layers)",
    ),
    "option twice": (
        HEAD + "  - {name: act, choice: [relu, gelu, relu]}",
        "3:38: act: two options are 'relu' (expected a label each, as in {label: layers})",
    ),
    "options that look alike": (
        HEAD + "  - choice: [{linear: {units: {choice: [1]}}}, {linear: {units: {choice: [2]}}}]",
        "3:48: 0: two options are 'linear(units=…)' (expected a label each, as in {label: layers})",
    ),
    "a label that another option has": (
        "input: [4, 4]\nlayers:\n  - choice: [{max_pool: {kernel: 3}}, [max_pool]]",
        "3:39: 0: two options are 'max_pool' (expected a label each, as in {label: layers})",
    ),
    "no label": (
        HEAD + "  - choice: {a b: relu}",
        "3:14: 0: 'a b' is no label (expected letters, digits, underscores, hyphens; one letter at least)",
    ),
    "option with a name": (
        HEAD + "  - {name: act, choice: [{name: a, relu: }, gelu]}",
        "3:33: act: what stands alone has no name (expected a label, or a list)",
    ),
    "name twice": (
        HEAD + "  - {name: a, relu: }\n  - {name: a, gelu: }",
        "4:12: 1: two parts here are named 'a'",
    ),
    "no name": (
        HEAD + "  - {name: a.b, relu: }",
        "3:12: 0: a part has no such name (expected a word of letters, digits and underscores, at "
        "most 200, got the text 'a.b')",
    ),
    "name of a keyword": (
        HEAD + "  - {name: repeat, relu: }",
        "3:12: 0: a part is named like a keyword (got repeat)",
    ),
    "key beside an op": (
        HEAD + "  - {relu: , of: [gelu]}",
        "3:14: 0: no such key: 'of' (expected relu, name, when)",
    ),
    "key of another keyword": (
        HEAD + "  - {residual: [relu], share: true}",
        "3:24: 0: no such key: 'share' (expected residual, name, when, merge, project)",
    ),
    "repeat of nothing": (
        HEAD + "  - repeat: 3",
        "3:5: 0: nothing is repeated (expected 'of: [...]' beside 'repeat')",
    ),
    "repeat too often": (
        HEAD + "  - {repeat: {choice: [1, 1001]}, of: []}",
        "3:27: 0.repeat: a value does not fit (expected less than or equal to 1000, got 1001)",
    ),
    "repeat less than nothing": (
        HEAD + "  - {repeat: -1, of: []}",
        "3:14: 0.repeat: a value does not fit (expected greater than or equal to 0, got -1)",
    ),
    "repeat a word": (
        HEAD + "  - {repeat: two, of: []}",
        "3:14: 0.repeat: a value does not fit (expected a valid integer, got the text 'two')",
    ),
    "of without a list": (
        HEAD + "  - {name: a, repeat: 2, of: relu}",
        "3:30: a: layers are a list (expected a list of layers, got the text 'relu')",
    ),
    "share a word": (
        HEAD + "  - {repeat: 2, of: [], share: yes}",
        "3:32: 0.share: a value does not fit (expected true or false, got the text 'yes')",
    ),
    "key beside a definition": (
        "input: [4]\ndefine: {a: relu}\nlayers:\n  - {a: , of: []}",
        "4:11: 0: no such key: 'of' (expected a, name, when)",
    ),
    "name alone": (
        HEAD + "  - {name: a}",
        "3:5: a: this is no layer (expected an op, a definition or a keyword, got a mapping with 'name')",
    ),
    "when alone": (
        HEAD + "  - {when: {flat: true}}",
        "3:5: 0: this is no layer (expected an op, a definition or a keyword, got a mapping with 'when')",
    ),
    "unknown op near a definition": (
        "input: [4]\ndefine: {block: relu}\nlayers:\n  - blok\n  - block",
        "4:5: 0: no op is named 'blok' (did you mean 'block'?)",
    ),
    "two keywords": (
        HEAD + "  - {choice: [relu], repeat: 2, of: []}",
        "3:5: 0: a layer is one thing (expected an op, a definition or a keyword, got choice and repeat)",
    ),
    "definition and op": (
        "input: [4]\ndefine: {a: relu}\nlayers: [{a: , gelu: }, a]",
        "3:10: 0: a layer is one thing (expected an op, a definition or a keyword, got a and gelu)",
    ),
    "merge unknown": (
        HEAD + "  - {residual: [relu], merge: ad}",
        "3:31: 0.merge: no such merge (expected add, concat, multiply, got the text 'ad'; did you mean 'add'?)",
    ),
    "merge number": (
        HEAD + "  - {residual: [relu], merge: 3}",
        "3:31: 0.merge: no such merge (expected add, concat, multiply, got 3)",
    ),
    "project word": (
        HEAD + "  - {residual: [relu], project: yes}",
        "3:33: 0.project: a value does not fit (expected true or false, got the text 'yes')",
    ),
    "residual not list": (
        HEAD + "  - residual: relu",
        "3:15: 0: layers are a list (expected a list of layers, got the text 'relu')",
    ),
    "parallel one": (
        HEAD + "  - parallel: [[relu]]",
        "3:15: 0: there are no branches (expected two or more lists of layers, got a list of 1)",
    ),
    "parallel word": (
        HEAD + "  - parallel: relu",
        "3:15: 0: there are no branches (expected two or more lists of layers, got the text 'relu')",
    ),
    "parallel inner": (
        HEAD + "  - parallel: {a: relo, b: 3}",
        "3:19: 0.a: no op is named 'relo' (did you mean 'relu'?)\n"
        "f:3:28: 0.b: this is no layer (expected an op, a definition or a keyword, got 3)",
    ),
    "parallel name inside": (
        HEAD + "  - parallel: [{name: a, relu: }, []]",
        "3:23: 0.0: what stands alone has no name (expected a label, or a list)",
    ),
    "parallel label with a dot": (
        HEAD + "  - parallel: {a: [], a.0: relu}",
        "3:23: 0: 'a.0' is no label (expected letters, digits, underscores, hyphens; one letter at least)",
    ),
    "layers not list": (
        HEAD + "  - layers: relu",
        "3:13: 0: layers are a list (expected a list of layers, got the text 'relu')",
    ),
    "layers in a group": (
        HEAD + "  - {name: g, layers: [relo, {name: x, gelo: }]}",
        "3:24: g.0: no op is named 'relo' (did you mean 'relu'?)\n"
        "f:3:40: g.x: no op, definition or keyword is named 'gelo' (did you mean 'gelu'?)",
    ),
    "define list": (
        "input: [4]\ndefine: [relu]\nlayers: []",
        "2:9: define: definitions are a mapping (expected a mapping of names to layers, got a list of 1)",
    ),
    "define op name": (
        "input: [4]\ndefine: {relu: gelu}\nlayers: [relu]",
        "2:10: define: 'relu' has a meaning already (expected another word of letters, digits and underscores)",
    ),
    "define keyword": (
        "input: [4]\ndefine: {choice: [gelu]}\nlayers: []",
        "2:10: define: 'choice' has a meaning already (expected another word of letters, digits and underscores)",
    ),
    "define measure": (
        "input: [4]\ndefine: {size: gelu}\nlayers: [size]",
        "2:10: define: 'size' has a meaning already (expected another word of letters, digits and underscores)",
    ),
    "define outputs": (
        "input: [4]\ndefine: {outputs: gelu}\nlayers: [outputs]",
        "2:10: define: 'outputs' has a meaning already (expected another word of letters, digits and underscores)",
    ),
    "define no word": (
        "input: [4]\ndefine: {a-b: gelu}\nlayers: [a-b]",
        "2:10: define: 'a-b' is no name (expected another word of letters, digits and underscores)",
    ),
    "define unused": (
        "input: [4]\ndefine:\n  a: gelu\nlayers: []",
        "3:6: define.a: this definition is never used",
    ),
    "define unused twice": (
        "input: [4]\ndefine: {a: relu, b: gelu, c: tanh}\nlayers: [b]",
        "2:13: define.a: this definition is never used\nf:2:31: define.c: this definition is never used",
    ),
    "define nothing": (
        "input: [4]\ndefine: {a: }\nlayers: [a]",
        "2:12: 0.a: this is no layer (expected an op, a definition or a keyword, got nothing)",
    ),
    "define number": (
        "input: [4]\ndefine: {a: 3}\nlayers: [a]",
        "2:13: 0.a: this is no layer (expected an op, a definition or a keyword, got 3)",
    ),
    "define self": (
        "input: [4]\ndefine: {a: [relu, a]}\nlayers: [a]",
        "2:20: 0.a.1: 'a' is defined by itself (got a → a)",
    ),
    "define circle": (
        "input: [4]\ndefine: {a: [b], b: {residual: [a]}}\nlayers: [a]",
        "2:33: 0.a.0.b.0: 'a' is defined by itself (got a → b → a)",
    ),
    "define with a name": (
        "input: [4]\ndefine: {a: {name: b, relu: }}\nlayers: [a]",
        "2:20: 0.a: what stands alone has no name (expected a label, or a list)",
    ),
    "define share word": (
        "input: [4]\ndefine: {a: {share: maybe, choice: [relu]}}\nlayers: [a]",
        "2:21: define.a.share: a value does not fit (expected true or false, got the text 'maybe')",
    ),
    "define unknown key": (
        "input: [4]\ndefine: {a: {choice: [relu], param: {x: }}}\nlayers: [a]",
        "2:30: 0.a: no such key: 'param' (expected choice, name, when)",
    ),
    "mistake in a definition that is used twice": (
        "input: [4]\ndefine:\n  a: [relu, relo]\nlayers: [a, {name: x, a: }]",
        "3:13: 0.a.1: no op is named 'relo' (did you mean 'relu'?)",
    ),
    "params list": (
        "input: [4]\ndefine: {a: {parameters: [x], layers: []}}\nlayers: [a]",
        "2:26: define.a: parameters are a mapping (expected a mapping of names to defaults, got a list of 1)",
    ),
    "params nothing": (
        "input: [4]\ndefine: {a: {parameters: , layers: []}}\nlayers: [a]",
        "2:25: define.a: parameters are a mapping (expected a mapping of names to defaults, got nothing)",
    ),
    "param missing": (
        "input: [4]\ndefine: {a: {parameters: {x: , y: 3}, layers: []}}\nlayers: [a]",
        "3:10: 0.a: an argument is missing (expected 'x', got no arguments)",
    ),
    "param missing 2": (
        "input: [4]\ndefine: {a: {parameters: {x: , y: 3}, layers: []}}\nlayers: [{a: {y: 2}}]",
        "3:14: 0.a: an argument is missing (expected 'x', got 'y')",
    ),
    "param unknown": (
        "input: [4]\ndefine: {a: {parameters: {wide: 3}, layers: []}}\nlayers: [{a: {wid: 2}}]",
        "3:15: 0.a: no such key: 'wid' (expected wide; did you mean 'wide'?)",
    ),
    "param given to none": (
        "input: [4]\ndefine: {a: relu}\nlayers: [{a: {x: 2}}]",
        "3:15: 0.a: no such key: 'x' (expected no keys)",
    ),
    "args not mapping": (
        "input: [4]\ndefine: {a: {parameters: {x: }, layers: []}}\nlayers: [{a: 3}]",
        "3:14: 0.a: arguments are a mapping (expected {x: 3}, got 3)",
    ),
    "args not mapping none": (
        "input: [4]\ndefine: {a: relu}\nlayers: [{a: 3}]",
        "3:14: 0.a: arguments are a mapping (expected no arguments, got 3)",
    ),
    "param named outputs": (
        "input: [4]\ndefine: {a: {parameters: {outputs: }, layers: []}}\nlayers: [{a: {outputs: 3}}]",
        "2:27: define.a: 'outputs' is no name of a parameter "
        "(expected another word of letters, digits and underscores)",
    ),
    "param named like a keyword": (
        "input: [4]\ndefine: {a: {parameters: {repeat: }, layers: []}}\nlayers: [{a: {repeat: 3}}]",
        "2:27: define.a: 'repeat' is no name of a parameter (expected another word of letters, digits and underscores)",
    ),
    "param that is a number": (
        "input: [4]\ndefine: {a: {parameters: {'0': }, layers: [relu]}}\nlayers: [{a: {'0': {choice: [4, 5]}}}]",
        "2:27: define.a: '0' is no name of a parameter (expected another word of letters, digits and underscores)",
    ),
    "param and part of one name": (
        "input: [4]\ndefine: {a: {parameters: {x: }, layers: [{name: x, relu: }]}}\nlayers: [{a: {x: 3}}]",
        "2:49: 0.a.0: two parts here are named 'x'",
    ),
    "param of a shared definition": (
        (
            "input: [4]\n"
            "define: {a: {share: true, parameters: {x: }, linear: {units: x}}}\n"
            "layers: [{a: {x: {choice: [4, 5, 6]}}}, {a: {x: {choice: [7]}}}]"
        ),
        "3:41: a: uses of a shared definition give 'x' other choices (expected [4, 5, 6], got [7])",
    ),
    "param list": (
        "input: [4]\ndefine: {a: {parameters: {x: }, layers: []}}\nlayers: [{a: {x: [3]}}]",
        "3:18: 0.a.x: a value does not fit (expected a valid string or a valid integer or a valid number or a "
        "valid boolean, or {choice: [...]}, got a list of 1)",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_in_exact_words(name: str, refusal: Callable[[str], str]) -> None:
    text, message = PROBLEMS[name]
    assert refusal(text) == f"f:{message}"


def test_all_problems_of_layers_are_reported_at_once() -> None:
    text = """\
input: [2, 8]
define:
  block: {parameters: {width: }, layers: [{conv: {width: width}}, relo]}
  size: relu
layers:
  - {layers: [block, {block: {width: 0}}, {block: {width: 1, wide: 3}}]}
  - parallel: [relo, {choice: []}]
    merge: ad
  - sequence: {a: {layers: [gelo], after: b}}
    depth: {max: -1}
    dropout: {p: 2}
  - cell: {nodes: 0, edge: {conv: {}}, node: relu}
  - cell: {nodes: 0, edge: {conv: {}}, output: sum}
  - {relu: , when: {size: "> x", norm: 3}}
  - {linear: {units: {choice: [a, 2], at_most: b}}}
"""
    with pytest.raises(SpecError) as caught:
        parse_space(text)
    places = [(problem.mark.line, problem.mark.column) for problem in caught.value.problems]
    assert places == [
        (3, 58),
        (3, 67),
        (4, 3),
        (6, 15),
        (6, 62),
        (7, 16),
        (7, 31),
        (8, 12),
        (9, 29),
        (9, 43),
        (10, 18),
        (11, 18),
        (12, 11),
        (13, 19),
        (13, 35),
        (13, 48),
        (14, 27),
        (14, 34),
        (15, 32),
        (15, 48),
    ]


@pytest.mark.parametrize(
    "layers",
    [
        "[{choice: [" + "relu, " * 9_000 + "gelu]}]",
        "[{linear: {units: {choice: [" + ", ".join(map(str, range(1, 9_000))) + "]}}}]",
        "[" + "rel, " * 9_000 + "gelu]",
    ],
    ids=["options", "values", "misspelt"],
)
def test_files_as_long_as_they_may_be_are_read_or_refused(layers: str) -> None:
    try:
        assert parse_space(f"input: [4]\nlayers: {layers}").size == 8_999
    except SpecError as error:
        assert len(error.problems) > 8_000  # noqa: PT017  either end is right


def test_names_do_not_depend_on_the_order_of_keys() -> None:
    one = parse_space("input: [4]\nlayers: [{choice: [{residual: [relu], project: true}, gelu]}]")
    other = parse_space("input: [4]\nlayers: [{choice: [{project: true, residual: [relu]}, gelu]}]")
    assert one.universe == other.universe == {"0": ("residual", "gelu")}


def test_definitions_within_definitions_are_bounded(refusal: Callable[[str], str]) -> None:
    def nested(depth: int) -> str:
        uses = ", ".join(f"d{number}: [d{number + 1}]" for number in range(1, depth))
        return f"input: [4]\ndefine: {{{uses}, d{depth}: relu}}\nlayers: [d1]"

    assert parse_space(nested(MAX_DEPTH)).size == 1
    # The problem is at the use that is one too deep, in the last definition but one.
    text = nested(MAX_DEPTH + 1)
    path = ".".join(["0", *(f"d{number}.0" for number in range(1, MAX_DEPTH)), "d64"])
    column = text.splitlines()[1].index("[d65]") + 2
    assert refusal(text) == (f"f:2:{column}: {path}.0: definitions are nested too deeply (expected at most 64 levels)")


def test_layers_of_definitions_count_as_often_as_these_are_used(
    monkeypatch: pytest.MonkeyPatch, refusal: Callable[[str], str]
) -> None:
    # For each b itself, two a, and two relu in these.
    monkeypatch.setattr("nas.space.reading.reader.MAX_PARTS", 10)
    text = "input: [4]\ndefine: {a: relu, b: [a, a]}\nlayers: [b, b%s]"
    assert parse_space(text % "").size == 1
    many = "definitions make too many layers (expected at most 10)"
    assert refusal(text % ", b, gelu, b") == f"f:3:16: 2: {many}"
    # Where the count is passed within a definition, this is the place.
    monkeypatch.setattr("nas.space.reading.reader.MAX_PARTS", 9)
    assert refusal(text % "") == f"f:2:13: 1.b.1.a: {many.replace('10', '9')}"


def test_as_many_layers_as_there_may_be(refusal: Callable[[str], str]) -> None:
    text = f"input: [4]\ndefine:\n  a: [{', '.join(['relu'] * 99)}]\nlayers: [{', '.join(['a'] * 200)}%s]"
    (arch,) = parse_space(text % "")
    assert len(arch.layers) == MAX_PARTS - 200
    column = 10 + 3 * 200
    many = "definitions make too many layers (expected at most 20,000)"
    assert refusal(text % ", relu, relu") == f"f:4:{column}: 200: {many}"


@pytest.mark.parametrize("times", [2, 10])
def test_a_bomb_of_definitions_is_refused_at_once(times: int) -> None:
    lines = [f"  d{number}: [{', '.join([f'd{number - 1}'] * times)}]" for number in range(1, 50)]
    text = "\n".join(["input: [4]", "define:", "  d0: relu", *lines, "layers: [d49]"])
    with pytest.raises(SpecError) as caught:
        parse_space(text)  # expanded it would outlast us
    # Once, although very many parts come after the one where the count is passed.
    (problem,) = caught.value.problems
    assert (problem.message, problem.expected) == ("definitions make too many layers", "at most 20,000")
    assert problem.mark.line == (5 if times == 2 else 3)
