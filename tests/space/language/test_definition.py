"""Definitions: their uses, parameters, and what is shared."""

import pytest

from nas.errors import SpecError
from tests.space.language.small import decided_in, space_of, texts_of


def test_each_use_of_a_definition_decides_for_itself() -> None:
    define = "{act: {choice: [relu, gelu]}, units: {choice: [2, 3]}}"
    space = space_of("[act, {linear: {units: units}}, {name: last, act: }]", define=define)
    assert space.universe == {"0.act": ("relu", "gelu"), "1.linear.units": (2, 3), "last.act": ("relu", "gelu")}
    assert space.size == 8


@pytest.mark.parametrize(
    ("definition", "texts"),
    [
        ("relu", ["relu"]),
        ("[relu, gelu]", ["relu", "gelu"]),
        ("{layers: [relu, gelu]}", ["relu", "gelu"]),
        ("{linear: {units: 3}}", ["linear(units=3)"]),
        ("{repeat: 2, of: [relu]}", ["relu", "relu"]),
        ("{residual: [relu], merge: concat}", ["relu", "concat"]),
        ("{parallel: [relu, []]}", ["relu", "add"]),
        ("{sequence: {a: {layers: relu}}, depth: 1}", ["relu"]),
        ("{layers: [relu], when: {flat: false}}", []),
        ("[]", []),
    ],
)
def test_a_definition_is_any_layer(definition: str, texts: list[str]) -> None:
    (arch,) = space_of("[a]", define=f"{{a: {definition}}}")
    assert texts_of(arch) == texts


def test_parameters_are_decided_once_for_a_use_before_its_layers() -> None:
    define = """{
        block: {parameters: {units: , bias: true}, layers: [
            {choice: [relu, gelu]}, {linear: {units: units, bias: bias}}, {linear: {bias: bias, units: units}}]}}"""
    space = space_of(
        "[{block: {bias: {choice: [true, false]}, units: {choice: [2, 3]}}}, {block: {units: 4}}]", define=define
    )
    assert list(space.universe) == ["0.block.units", "0.block.bias", "0.block.0", "1.block.0"]
    arch = space.rebuild({"0.block.units": 3, "0.block.bias": False, "0.block.0": "gelu", "1.block.0": "relu"})
    linear = "linear(units=3, bias=False)"
    assert texts_of(arch) == ["gelu", linear, linear, "relu", "linear(units=4)", "linear(units=4)"]


def test_defaults_of_parameters_may_be_choices_and_definitions() -> None:
    define = """{
        units: {choice: [2, 3]},
        block: {parameters: {a: units, b: {choice: [5, 6]}, c: outputs}, layers: [
            {linear: {units: a}}, {linear: {units: b}}, {linear: {units: c}}]}}"""
    space = space_of("[block, {block: {a: 1, b: 1, c: 3}}]", define=define, outputs="3")
    assert space.universe == {"0.block.a": (2, 3), "0.block.b": (5, 6)}
    units = ["linear(units=2)", "linear(units=6)", "linear(units=3)"]
    assert texts_of(list(space)[1]) == [*units, "linear(units=1)", "linear(units=1)", "linear(units=3)"]


def test_definitions_within_definitions() -> None:
    define = """{
        inner: {parameters: {units: 7}, layers: [{linear: {units: units}}, {choice: [relu, gelu]}]},
        outer: {parameters: {wide: }, layers: [{inner: {units: wide}}, {name: again, inner: }]}}"""
    space = space_of("[{outer: {wide: {choice: [2, 3]}}}]", define=define)
    assert list(space.universe) == ["0.outer.wide", "0.outer.0.inner.1", "0.outer.again.inner.1"]
    arch = space.rebuild({"0.outer.wide": 3, "0.outer.0.inner.1": "relu", "0.outer.again.inner.1": "gelu"})
    assert texts_of(arch) == ["linear(units=3)", "relu", "linear(units=7)", "gelu"]


def test_words_of_an_outer_definition_are_unknown_in_an_inner_one() -> None:
    define = "{inner: [{linear: {units: wide}}], outer: {parameters: {wide: }, layers: [inner]}}"
    with pytest.raises(SpecError, match="a value does not fit \\(expected a valid integer, got the text 'wide'"):
        space_of("[{outer: {wide: 3}}]", define=define)


def test_a_shared_definition_decides_once_for_all_uses() -> None:
    define = "{act: {share: true, choice: [relu, gelu]}}"
    space = space_of("[act, tanh, {name: x, act: }, {repeat: 2, of: [act]}]", define=define)
    assert space.universe == {"act": ("relu", "gelu")}
    assert [texts_of(arch) for arch in space] == [[a, "tanh", a, a, a] for a in ("relu", "gelu")]


def test_a_shared_value_as_an_argument() -> None:
    define = "{u: {share: true, choice: [2, 3]}, b: {parameters: {units: u}, layers: [{linear: {units: units}}]}}"
    space = space_of(
        "[{linear: {units: u}}, b, {b: {units: u}}, {repeat: 2, of: [{linear: {units: u}}]}]", define=define
    )
    assert space.universe == {"u": (2, 3)}
    assert [texts_of(arch) for arch in space] == [[f"linear(units={units})"] * 5 for units in (2, 3)]


def test_shared_blocks_hold_other_shared_ones_and_stand_in_repeats() -> None:
    define = """{
        act: {share: true, choice: [relu, gelu]},
        block: {
            share: true,
            parameters: {units: 3},
            layers: [{linear: {units: units}}, act, {choice: [tanh, silu]}]}}"""
    for share in ("false", "true"):
        layers = f"[{{repeat: {{choice: [1, 2]}}, share: {share}, of: [block, {{block: {{units: 5}}}}]}}, act]"
        space = space_of(layers, define=define)
        assert space.universe == {"0.repeat": (1, 2), "act": ("relu", "gelu"), "block.2": ("tanh", "silu")}
        assert space.size == 8
        for arch in space:
            (_, copies), (_, act), (_, last) = arch.choices
            assert isinstance(copies, int)
            copy = ["linear(units=3)", act, last, "linear(units=5)", act, last]
            assert texts_of(arch) == [*copy * copies, act]


def test_a_parameter_of_a_shared_definition_is_decided_once() -> None:
    define = "{b: {share: true, parameters: {units: {choice: [2, 3]}}, layers: [{linear: {units: units}}]}}"
    space = space_of("[b, relu, b]", define=define)
    assert space.universe == {"b.units": (2, 3)}
    assert [texts_of(arch) for arch in space] == [[f"linear(units={u})", "relu", f"linear(units={u})"] for u in (2, 3)]


def test_a_shared_repeat_in_a_shared_definition() -> None:
    define = (
        "{b: {share: true, layers: [{repeat: 2, share: true, of: [{choice: [relu, gelu]}]}, {choice: [tanh, silu]}]}}"
    )
    space = space_of("[b, b]", define=define)
    assert space.universe == {"b.0.0": ("relu", "gelu"), "b.1": ("tanh", "silu")}
    assert [texts_of(arch) for arch in space] == [[a, a, b] * 2 for a in ("relu", "gelu") for b in ("tanh", "silu")]


def test_what_is_shared_and_not_allowed_everywhere_is_never_offered() -> None:
    define = "{down: {share: true, choice: [max_pool, identity]}}"
    assert decided_in(space_of("[down, down, down, down]", "[1, 8]", define=define)) == [("identity",)]
    define = "{u: {share: true, choice: [3, 5], at_least: channels}}"
    use = "{linear: {units: u}}"
    layers = f"[{use}, {{linear: {{units: 4}}}}, {use}, {{linear: {{units: %s}}}}, {use}]"
    assert decided_in(space_of(layers % 1, define=define, input="[2]")) == [(5,)]
    with pytest.raises(SpecError) as caught:
        space_of(layers % 6, define=define, input="[2]").check()
    assert [str(problem) for problem in caught.value.problems] == [
        "<text>:3:98: 4: no architecture fits: no option of units is allowed after 6",
    ]
