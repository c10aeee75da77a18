"""Reading conditions: tests, comparisons, and the names that they ask for."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from nas.document import Node
from nas.errors import SpecError
from nas.ops import Shape
from nas.space import parse_space
from nas.space.language.condition import Condition, Fact, Scope
from nas.space.reading.conditions import COMPARISON, ConditionReader
from nas.space.reading.place import Place

# Layers (or, where it begins with a key of the file, the whole file) and the exact message, after the name.
HEAD = "input: [4]\nlayers:\n"
PROBLEMS = {
    "when word": (
        HEAD + "  - {relu: , when: big}",
        "3:20: 0.when: a condition must be a mapping (expected a mapping such as {size: '>= 4'}, got the text 'big')",
    ),
    "when empty": (
        HEAD + "  - {relu: , when: {}}",
        "3:20: 0.when: a condition must be a mapping (expected a mapping such as {size: '>= 4'}, got a mapping with "
        "no keys)",
    ),
    "when unknown": (
        HEAD + "  - {name: act, choice: [relu]}\n  - {relu: , when: {atc: relu}}",
        "4:21: 1.when: no decision is named 'atc' (expected size, channels, flat, or the name of a decision; "
        "did you mean 'act'?)",
    ),
    "when never": (
        HEAD + "  - {name: r, repeat: 2, of: [{name: act, choice: [relu]}, {tanh: , when: {r.act: relu}}]}",
        "3:76: r.1.when: no decision is named 'r.act' (expected size, channels, flat, or the name of a decision; "
        "did you mean 'act'?)",
    ),
    "when outputs": (
        "input: [4]\noutputs: 4\nlayers: [{relu: , when: {outputs: 4}}]",
        "3:26: 0.when: the number of outputs is not a decision (expected size, channels, flat, a parameter, or the "
        "name of a decision)",
    ),
    "when dotted": (
        HEAD + "  - {relu: , when: {0.act: relu}}",
        "3:21: 0.when: '0.act' is not the name of a decision (expected names with dots between; the numbers of "
        "copies are left out)",
    ),
    "when comparison": (
        HEAD + "  - {relu: , when: {size: '>= big'}}",
        "3:27: 0.when: not a comparison (expected one of <=, >=, !=, <, > and a number, got the text '>= big')",
    ),
    "when =": (
        HEAD + "  - {relu: , when: {size: '= 4'}}",
        "3:27: 0.when: not a comparison (expected one of <=, >=, !=, <, > and a number, got the text '= 4')",
    ),
    "when empty text": (
        HEAD + "  - {relu: , when: {size: ''}}",
        "3:27: 0.when: not a comparison (expected one of <=, >=, !=, <, > and a number, got the text '')",
    ),
    "when mapping": (
        HEAD + "  - {relu: , when: {size: {min: 3}}}",
        "3:27: 0.when: not a test (expected a value, a list of values, or text such as '>= 4', got a "
        "mapping with 'min')",
    ),
    "when empty list": (
        HEAD + "  - {relu: , when: {size: []}}",
        "3:27: 0.when: not a test (expected a value, a list of values, or text such as '>= 4', got a list of 0)",
    ),
    "when nested list": (
        HEAD + "  - {relu: , when: {size: [[3]]}}",
        "3:27: 0.when: not a test (expected a value, a list of values, or text such as '>= 4', got a list of 1)",
    ),
    "when channels word": (
        HEAD + "  - {relu: , when: {channels: foo}}",
        "3:31: 0.when: channels never has this value (expected a number, or text such as '>= 4', got the text 'foo')",
    ),
    "when size list with a boolean": (
        HEAD + "  - {relu: , when: {size: [1, true]}}",
        "3:27: 0.when: size never has this value (expected a number, or text such as '>= 4', got a list of 2)",
    ),
    "when flat number": (
        HEAD + "  - {relu: , when: {flat: 1}}",
        "3:27: 0.when: flat never has this value (expected true or false, got 1)",
    ),
    "when the very word": (
        # It is decided on, but where this condition does not see it: the word itself is no help.
        HEAD + "  - {name: r, repeat: 2, of: [{name: act, choice: [relu]}]}\n  - {tanh: , when: {act: relu}}",
        "4:21: 1.when: no decision is named 'act' (expected size, channels, flat, or the name of a decision)",
    ),
    "no such option": (
        HEAD + "  - {name: a, choice: [relu, gelu]}\n  - {tanh: , when: {a: [relu, rleu]}}",
        "4:31: 1.when: 'a' has no such option (expected relu, gelu, got the text 'rleu'; did you mean 'relu'?)",
    ),
    "no such option of an option": (
        HEAD + "  - {name: a, choice: [relu, gelu]}\n  - choice: [{tanh: , when: {a: rleu}}, identity]",
        "4:33: 1.when: 'a' has no such option (expected relu, gelu, got the text 'rleu'; did you mean 'relu'?)",
    ),
    "no such option in a copy": (
        HEAD + "  - {name: r, repeat: 2, of: [{name: a, choice: [relu, gelu]}, {tanh: , when: {a: 3}}]}",
        "3:83: r.1.when: 'a' has no such option (expected relu, gelu, got 3)",
    ),
    "no such option of many": (
        HEAD + "  - {linear: {units: {choice: [1, 2, 3, 4, 5, 6, 7, 8, 9]}}, name: a}\n"
        "  - {tanh: , when: {a.linear.units: 20}}",
        "4:37: 1.when: 'a.linear.units' has no such option (expected 1, 2, 3, 4, 5, 6, 7, 8, or one of 1 more, got 20)",
    ),
    "true is no 1": (
        HEAD
        + "  - {linear: {units: 2, bias: {choice: [true, false]}}, name: a}\n  - {tanh: , when: {a.linear.bias: 1}}",
        "4:36: 1.when: 'a.linear.bias' has no such option (expected true, false, got 1)",
    ),
    "comparison that never holds": (
        HEAD + "  - {name: a, repeat: {choice: [1, 2]}, of: [relu]}\n  - {tanh: , when: {a.repeat: '> 2'}}",
        "4:31: 1.when: no option of 'a.repeat' satisfies this (expected 1, 2, got the text '> 2')",
    ),
    "comparison of words": (
        HEAD + "  - {name: a, choice: [relu, gelu]}\n  - {tanh: , when: {a: '!= 2'}}",
        "4:24: 1.when: no option of 'a' satisfies this (expected relu, gelu, got the text '!= 2')",
    ),
    "no such option of a parameter": (
        "input: [4]\ndefine: {b: {parameters: {x: }, layers: [{relu: , when: {x: 3}}, {relu: , when: {x: '< 2'}}]}}\n"
        "layers: [{b: {x: {choice: [2, 4]}}}]",
        "2:61: 0.b.0.when: 'x' has no such option (expected 2, 4, got 3)\n"
        "f:2:85: 0.b.1.when: no option of 'x' satisfies this (expected 2, 4, got the text '< 2')",
    ),
    "no such option in a step": (
        HEAD + "  - {name: a, choice: [relu, gelu]}\n  - {sequence: {s: {layers: relu, when: {a: rleu}}}, depth: 1}",
        "4:45: 1.when: 'a' has no such option (expected relu, gelu, got the text 'rleu'; did you mean 'relu'?)",
    ),
    "in the layers of a step": (
        HEAD + "  - sequence:\n      s: {layers: [{name: a, choice: [relu, gelu]}, {relu: , when: {a: rleu}}],\n"
        "          when: {a: relu}}\n    depth: 1",
        "4:72: 0.s.1.when: 'a' has no such option (expected relu, gelu, got the text 'rleu'; did you mean 'relu'?)\n"
        "f:5:18: 0.when: no decision is named 'a' (expected size, channels, flat, or the name of a decision)",
    ),
    "decided later": (
        HEAD + "  - {tanh: , when: {a: relu}}\n  - {name: a, choice: [relu, gelu]}",
        "3:21: 0.when: 'a' is decided later (expected an earlier decision)",
    ),
    "decided later in a copy": (
        HEAD + "  - {name: r, repeat: 2, of: [{tanh: , when: {a: relu}}, {name: a, choice: [relu, gelu]}]}",
        "3:47: r.0.when: 'a' is decided later (expected an earlier decision)",
    ),
    "decided now": (
        HEAD + "  - {name: a, choice: [{relu: , when: {a: gelu}}, gelu]}",
        "3:40: a.when: 'a' is decided later (expected an earlier decision)",
    ),
    "a decision with a problem": (
        # What it would have decided is not known, so that nothing is said of those who ask for it.
        HEAD + "  - {name: a, chioce: [relu, gelu]}\n  - {name: b, choice: [relu, {gule: }]}\n"
        "  - {linear: {units: {choice: [2, x]}}, name: c}\n"
        "  - {tanh: , when: {a: relu, b: gelu, c.linear.units: 3}}",
        "3:15: a: no op, definition or keyword is named 'chioce' (did you mean 'choice'?)\n"
        "f:4:31: b: no op, definition or keyword is named 'gule'\n"
        "f:5:35: c.linear.units: a value does not fit (expected a valid integer, got the text 'x')",
    ),
    "when of an option": (
        HEAD + "  - {name: c, choice: [{relu: , when: 3}, gelu]}",
        "3:39: c.when: a condition must be a mapping (expected a mapping such as {size: '>= 4'}, got 3)",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_in_exact_words(name: str, refusal: Callable[[str], str]) -> None:
    text, message = PROBLEMS[name]
    assert refusal(text) == f"f:{message}"


@pytest.mark.parametrize(
    ("text", "relation", "number"),
    [
        (">= 4", ">=", "4"),
        ("<4", "<", "4"),
        ("!=  -.5e-1", "!=", "-.5e-1"),
        ("> +1.", ">", "+1."),
        ("<= wide_2", "<=", "wide_2"),
        ("=> 4", None, None),
        (">= 1.2.3", None, None),
        (">= 2x", None, None),
        (">= ", None, None),
        ("4 > 3", None, None),
        (">= ٣", None, None),
    ],
)
def test_comparisons(text: str, relation: str | None, number: str | None) -> None:
    found = COMPARISON.fullmatch(text)
    assert (found.groups() if found else (None, None)) == (relation, number)


def test_the_number_of_outputs_in_conditions() -> None:
    layers = (
        "[{relu: , when: {channels: [1, outputs]}}, {gelu: , when: {channels: '> outputs'}}, {tanh: , when: {size: 1}}]"
    )
    end = "global_avg_pool, {linear: {units: outputs}}"
    text = f"input: [4, 1]\noutputs: %d\nlayers: [{{layers: {layers}}}, {end}]"
    for outputs, ops in [(4, ["relu", "tanh"]), (3, ["gelu", "tanh"]), (5, ["tanh"])]:
        (arch,) = parse_space(text % outputs)
        assert [layer.op.text for layer in arch.layers][:-2] == ops


def test_a_parameter_with_the_name_of_a_measure_may_be_a_word() -> None:
    body = "{relu: , when: {channels: foo}}, {gelu: , when: {channels: bar}}"
    define = f"define: {{a: {{parameters: {{channels: }}, layers: [{body}]}}}}"
    (arch,) = parse_space(f"input: [4]\n{define}\nlayers: [{{a: {{channels: foo}}}}]")
    assert [layer.op.text for layer in arch.layers] == ["relu"]


def test_names_that_conditions_ask_for_are_remembered() -> None:
    body = "{name: act, choice: [relu, gelu]}, {tanh: , when: {act: relu, size: 1, units: 3}}"
    text = (
        "input: [4]\n"
        f"define: {{b: {{parameters: {{units: 3}}, layers: [{body}]}}}}\n"
        "layers: [{name: x, b: }, {silu: , when: {x.b.act: gelu}}]"
    )
    assert parse_space(text).references == {"act", "x.b.act"}


ALLOWED = {
    "a later copy of what is shared": "[{name: r, repeat: 2, share: true, of: "
    "[{tanh: , when: {a: relu}}, {name: a, choice: [relu]}]}, act]",
    "a shared definition": "[{repeat: 2, of: [{tanh: , when: {act: relu}}, act]}]",
    "a shared definition in a sequence": "[{sequence: {s: {layers: [{tanh: , when: {act: relu}}, act]}}, depth: 2}]",
    "one use of two": "[asks, {name: a, choice: [relu, gelu]}, asks, act]",
    "a parameter for others to use": "[{given: {x: 3}}, act]",
    "a step within": "[{name: a, choice: [relu]}, {sequence: {s: {layers: tanh, when: {a: relu}}}, depth: 2}, act]",
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_may_hold_somewhere_is_no_mistake(name: str) -> None:
    define = {
        "act": "{share: true, choice: [relu, gelu]}",
        "asks": "[{tanh: , when: {a: relu}}]",
        "given": "{parameters: {x: }, layers: [{tanh: , when: {x: 4}}]}",
    }
    used = "\n".join(f"  {key}: {text}" for key, text in define.items() if key in ALLOWED[name])
    space = parse_space(f"input: [4]\ndefine:\n{used}\nlayers: {ALLOWED[name]}")
    assert name.startswith("a parameter") or any(
        any(layer.op.name == "tanh" for layer in arch.layers) for arch in space
    )


NAMES = st.sampled_from(["a", "b", "act", "x.a"])
WHEN = st.tuples(NAMES, st.sampled_from(["relu", "gelu", "silu", "'!= 3'", "rleu"])).map(
    lambda found: f"\n      {{{found[0]}: {found[1]}}}"  # in a line of its own, by which it is known
)
CHOICE = st.tuples(NAMES, st.sampled_from(["[relu, gelu]", "[gelu, silu]"])).map(
    lambda found: f"{{name: {found[0][-1]}, choice: {found[1]}}}"
)
ASKS = WHEN.map(lambda when: f"{{tanh: , when: {when}}}")
OPTION = WHEN.map(lambda when: f"{{choice: [{{elu: , when: {when}}}, identity]}}")


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    block = st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
    shapes = (
        "{{repeat: 2, of: {}}}",
        "{{repeat: 2, share: true, of: {}}}",
        "{{layers: {}}}",
        "{{name: x, residual: {}}}",
        "{{choice: {{p: {}, q: identity}}}}",
        "{{sequence: {{s: {{layers: {}, when: \n      {{a: relu}}}}, t: {{layers: act}}}}, depth: 2}}",
    )
    return st.tuples(st.sampled_from(shapes), block).map(lambda found: found[0].format(found[1]))


@settings(deadline=None, derandomize=True, max_examples=60, database=None, phases=[Phase.generate])
@given(
    layers=st.lists(
        st.recursive(CHOICE | ASKS | OPTION | st.sampled_from(["act", "use"]), _grown, max_leaves=6), max_size=4
    ),
    share=st.sampled_from(["true", "false"]),
    body=st.lists(CHOICE | ASKS, min_size=1, max_size=2),
)
def test_what_is_said_never_to_hold_never_does(layers: list[str], share: str, body: list[str]) -> None:
    """Files are read once with the check, and once without: then each condition tells whether it ever held."""
    define = f"  act: {{share: {share}, choice: [relu, gelu]}}\n  use: {{share: {share}, layers: [{', '.join(body)}]}}"
    text = f"input: [4]\ndefine:\n{define}\nlayers: [{', '.join([*layers, 'act', 'use'])}]"
    try:
        parse_space(text)
        return
    except SpecError as error:
        problems = error.problems
    assume(not any("two parts" in one.message for one in problems))
    lines: dict[int, int] = {}
    kept: list[object] = []
    held: set[int] = set()
    read, holds = ConditionReader.condition, Condition.holds

    def placed(self: ConditionReader, node: Node, place: Place) -> Condition | None:
        found = read(self, node, place)
        lines[id(found)] = node.mark.line
        kept.append(found)
        return found

    def told(self: Condition, shape: Shape, facts: tuple[Fact, ...], scope: Scope, path: str) -> bool:
        answer = holds(self, shape, facts, scope, path)
        if answer:
            held.add(lines[id(self)])
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ConditionReader, "check", lambda self: None)
        patch.setattr(ConditionReader, "condition", placed)
        patch.setattr(Condition, "holds", told)
        space = parse_space(text)
        with suppress(SpecError):  # no option is left, say
            space.check()
    assert held.isdisjoint({one.mark.line for one in problems})
