"""What each keyword does when a walk comes to it."""

from typing import Any

import pytest

from nas.errors import SpecError
from nas.ops import Add, Concat, Conv
from nas.space import Architecture, Space, parse_space
from nas.space.language.parts import Values


def _space(layers: str, input: str = "[4]", **top: str) -> Space:
    head = "".join(f"{key}: {value}\n" for key, value in top.items())
    return parse_space(f"input: {input}\n{head}layers: {layers}")


def _texts(arch: Architecture) -> list[str]:
    return [layer.op.text for layer in arch.layers]


def _wires(arch: Architecture) -> list[tuple[str, tuple[int, ...]]]:
    return [(layer.op.name, layer.inputs) for layer in arch.layers]


def _decided(space: Space) -> list[tuple[Any, ...]]:
    return [tuple(dict(arch.choices).values()) for arch in space]


# Arguments.


def test_arguments_are_decided_in_the_order_in_which_they_are_written() -> None:
    space = _space("[{linear: {bias: {choice: [true, false]}, units: {choice: [1, 2]}}}]")
    assert list(space.universe) == ["0.linear.bias", "0.linear.units"]
    assert [tuple(dict(arch.choices).values()) for arch in space] == [(True, 1), (True, 2), (False, 1), (False, 2)]


def test_bounds_are_inclusive_and_follow_the_shape() -> None:
    units = "{choice: [2, 4, 8], at_least: %s}"
    space = _space(f"[{{linear: {{units: {units % 'channels'}}}}}, {{linear: {{units: {units % 4}}}}}]")
    assert _decided(space) == [(4, 4), (4, 8), (8, 4), (8, 8)]
    assert space.universe["1.linear.units"] == (2, 4, 8)
    narrowing = "{linear: {units: {choice: [2, 4, 8], at_most: channels}}}"
    assert _decided(_space(f"[{narrowing}, {narrowing}]")) == [(2, 2), (4, 2), (4, 4)]
    both = "{choice: [1, 2, 3, 4, 5], at_least: 2.5, at_most: size}"
    assert _decided(_space(f"[{{repeat: {both}, of: [relu]}}]", "[9, 2, 4]")) == [(3,), (4,)]


def test_where_no_option_lies_within_the_bounds_nothing_fits() -> None:
    with pytest.raises(SpecError, match=r"0: nothing fits: no option of units is allowed after 4$"):
        _space("[{linear: {units: {choice: [2, 3], at_least: channels}}}]").check()


def test_values_within_bounds() -> None:
    assert [option for option in (1, 2, 3) if Values((1, 2, 3), at_least=2).allows(option, ())] == [2, 3]
    assert [option for option in (1, 2, 3) if Values((1, 2, 3), at_most="size").allows(option, (9, 2))] == [1, 2]
    assert all(Values(("a", None, True)).allows(option, (4,)) for option in ("a", None, True))


# Choices, groups, repeats.


def test_a_choice_may_hold_a_value_a_layer_or_a_list() -> None:
    space = _space("[{name: a, choice: [relu, {linear: {units: 3}}, [gelu, tanh], []]}]")
    assert space.universe["a"] == ("relu", "linear", "gelu + tanh", "nothing")
    assert [_texts(arch) for arch in space] == [["relu"], ["linear(units=3)"], ["gelu", "tanh"], []]


def test_choices_within_choices_have_names_of_their_own() -> None:
    space = _space("[{name: a, choice: [{choice: [{choice: [relu, gelu]}, tanh]}, silu]}]")
    assert list(space.universe) == ["a", "a.choice", "a.choice.choice"]
    assert space.size == 4
    assert [_texts(arch) for arch in space] == [["relu"], ["gelu"], ["tanh"], ["silu"]]


def test_keywords_within_choices_have_names_of_their_own() -> None:
    block = "[{choice: [relu, gelu]}]"
    space = _space(
        "[{name: a, choice: "
        f"[{{repeat: {{choice: [1, 2]}}, of: {block}}}, {{residual: {block}}}, [{{choice: [relu, gelu]}}]]}}]"
    )
    assert set(space.universe) == {"a", "a.repeat.repeat", "a.repeat.0.0", "a.repeat.1.0", "a.residual.0", "a.2.0"}


def test_options_of_equal_ops_have_their_number_in_the_path() -> None:
    linear = "{linear: {bias: false, units: {choice: [2, 3]}}}"
    space = _space(f"[{{name: a, choice: [{linear}, [{linear}], relu]}}]")
    assert space.universe == {
        "a": ("linear", "linear(bias=False, units=…)", "relu"),
        "a.linear.units": (2, 3),
        "a.1.0.linear.units": (2, 3),
    }


def test_labels_are_segments_of_the_path() -> None:
    space = _space(
        "[{name: a, choice: {x-1: [{choice: [relu, gelu]}], none: [], y: {linear: {units: {choice: [2]}}}}}]"
    )
    assert space.universe == {"a": ("x-1", "none", "y"), "a.x-1.0": ("relu", "gelu"), "a.y.linear.units": (2,)}


def test_a_group_is_one_part() -> None:
    space = _space("[{name: a, layers: [{choice: [relu, gelu]}, tanh]}, {layers: [{choice: [silu]}, {layers: []}]}]")
    assert list(space.universe) == ["a.0", "1.0"]
    assert [_texts(arch) for arch in space] == [["relu", "tanh", "silu"], ["gelu", "tanh", "silu"]]


def test_repeat_lets_each_copy_choose_for_itself() -> None:
    space = _space("[{name: a, repeat: {choice: [0, 2]}, of: [{choice: [relu, gelu]}]}]")
    assert list(space.universe) == ["a.repeat", "a.0.0", "a.1.0"]
    assert [_texts(arch) for arch in space] == [
        [],
        ["relu", "relu"],
        ["relu", "gelu"],
        ["gelu", "relu"],
        ["gelu", "gelu"],
    ]


def test_share_decides_once_for_all_copies() -> None:
    space = _space(
        "[{name: a, repeat: {choice: [1, 3]}, share: true, "
        "of: [{linear: {units: {choice: [4, 5]}}}, {name: b, choice: [relu, gelu]}]}]"
    )
    assert space.size == 2 * 4
    for arch in space:
        copies = dict(arch.choices)["a.repeat"]
        assert isinstance(copies, int)
        assert len(arch.choices) == 3
        texts = _texts(arch)
        assert texts == texts[:2] * copies


def test_shared_decisions_are_forgotten_where_the_repeat_ends() -> None:
    body = "repeat: 2, share: true, of: [{choice: [relu, gelu]}]"
    space = _space(f"[{{repeat: 2, of: [{{{body}}}]}}]")
    assert space.size == 4
    assert {tuple(_texts(arch)) for arch in space} == {(a, a, b, b) for a in ("relu", "gelu") for b in ("relu", "gelu")}


def test_a_shared_repeat_in_a_shared_repeat() -> None:
    body = "repeat: {choice: [1, 2]}, share: true, of: [{choice: [relu, gelu]}]"
    space = _space(f"[{{repeat: 2, share: true, of: [{{{body}}}, {{choice: [tanh, silu]}}]}}]")
    assert space.size == 2 * 2 * 2
    for arch in space:
        texts = _texts(arch)
        assert texts == texts[: len(texts) // 2] * 2


def test_a_free_repeat_in_a_shared_repeat() -> None:
    space = _space("[{repeat: 3, share: true, of: [{repeat: 2, of: [{choice: [relu, gelu]}]}]}]")
    assert space.size == 4
    assert {tuple(_texts(arch)) for arch in space} == {(a, b) * 3 for a in ("relu", "gelu") for b in ("relu", "gelu")}


def test_an_option_that_does_not_fit_a_later_copy_is_never_offered() -> None:
    # 8 → 4 → 2 → 1: four copies of the pooling layer do not fit, three do.
    space = _space("[{repeat: {choice: [3, 4]}, share: true, of: [{choice: [max_pool, relu]}]}]", "[1, 8]")
    decided = [tuple(dict(arch.choices).values()) for arch in space]
    assert decided == [(3, "max_pool"), (3, "relu"), (4, "relu")]


# Definitions.


def test_each_use_of_a_definition_decides_for_itself() -> None:
    define = "{act: {choice: [relu, gelu]}, units: {choice: [2, 3]}}"
    space = _space("[act, {linear: {units: units}}, {name: last, act: }]", define=define)
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
    (arch,) = _space("[a]", define=f"{{a: {definition}}}")
    assert _texts(arch) == texts


def test_parameters_are_decided_once_for_a_use_before_its_layers() -> None:
    define = """{
        block: {parameters: {units: , bias: true}, layers: [
            {choice: [relu, gelu]}, {linear: {units: units, bias: bias}}, {linear: {bias: bias, units: units}}]}}"""
    space = _space(
        "[{block: {bias: {choice: [true, false]}, units: {choice: [2, 3]}}}, {block: {units: 4}}]", define=define
    )
    assert list(space.universe) == ["0.block.units", "0.block.bias", "0.block.0", "1.block.0"]
    arch = space.rebuild({"0.block.units": 3, "0.block.bias": False, "0.block.0": "gelu", "1.block.0": "relu"})
    linear = "linear(units=3, bias=False)"
    assert _texts(arch) == ["gelu", linear, linear, "relu", "linear(units=4)", "linear(units=4)"]


def test_defaults_of_parameters_may_be_choices_and_definitions() -> None:
    define = """{
        units: {choice: [2, 3]},
        block: {parameters: {a: units, b: {choice: [5, 6]}, c: outputs}, layers: [
            {linear: {units: a}}, {linear: {units: b}}, {linear: {units: c}}]}}"""
    space = _space("[block, {block: {a: 1, b: 1, c: 3}}]", define=define, outputs="3")
    assert space.universe == {"0.block.a": (2, 3), "0.block.b": (5, 6)}
    units = ["linear(units=2)", "linear(units=6)", "linear(units=3)"]
    assert _texts(list(space)[1]) == [*units, "linear(units=1)", "linear(units=1)", "linear(units=3)"]


def test_definitions_within_definitions() -> None:
    define = """{
        inner: {parameters: {units: 7}, layers: [{linear: {units: units}}, {choice: [relu, gelu]}]},
        outer: {parameters: {wide: }, layers: [{inner: {units: wide}}, {name: again, inner: }]}}"""
    space = _space("[{outer: {wide: {choice: [2, 3]}}}]", define=define)
    assert list(space.universe) == ["0.outer.wide", "0.outer.0.inner.1", "0.outer.again.inner.1"]
    arch = space.rebuild({"0.outer.wide": 3, "0.outer.0.inner.1": "relu", "0.outer.again.inner.1": "gelu"})
    assert _texts(arch) == ["linear(units=3)", "relu", "linear(units=7)", "gelu"]


def test_words_of_an_outer_definition_are_unknown_in_an_inner_one() -> None:
    define = "{inner: [{linear: {units: wide}}], outer: {parameters: {wide: }, layers: [inner]}}"
    with pytest.raises(SpecError, match="a value does not fit \\(expected a valid integer, got the text 'wide'"):
        _space("[{outer: {wide: 3}}]", define=define)


def test_a_shared_definition_decides_once_for_all_uses() -> None:
    define = "{act: {share: true, choice: [relu, gelu]}}"
    space = _space("[act, tanh, {name: x, act: }, {repeat: 2, of: [act]}]", define=define)
    assert space.universe == {"act": ("relu", "gelu")}
    assert [_texts(arch) for arch in space] == [[a, "tanh", a, a, a] for a in ("relu", "gelu")]


def test_a_shared_value_as_an_argument() -> None:
    define = "{u: {share: true, choice: [2, 3]}, b: {parameters: {units: u}, layers: [{linear: {units: units}}]}}"
    space = _space("[{linear: {units: u}}, b, {b: {units: u}}, {repeat: 2, of: [{linear: {units: u}}]}]", define=define)
    assert space.universe == {"u": (2, 3)}
    assert [_texts(arch) for arch in space] == [[f"linear(units={units})"] * 5 for units in (2, 3)]


def test_shared_blocks_hold_other_shared_ones_and_stand_in_repeats() -> None:
    define = """{
        act: {share: true, choice: [relu, gelu]},
        block: {
            share: true,
            parameters: {units: 3},
            layers: [{linear: {units: units}}, act, {choice: [tanh, silu]}]}}"""
    for share in ("false", "true"):
        layers = f"[{{repeat: {{choice: [1, 2]}}, share: {share}, of: [block, {{block: {{units: 5}}}}]}}, act]"
        space = _space(layers, define=define)
        assert space.universe == {"0.repeat": (1, 2), "act": ("relu", "gelu"), "block.2": ("tanh", "silu")}
        assert space.size == 8
        for arch in space:
            (_, copies), (_, act), (_, last) = arch.choices
            assert isinstance(copies, int)
            copy = ["linear(units=3)", act, last, "linear(units=5)", act, last]
            assert _texts(arch) == [*copy * copies, act]


def test_a_parameter_of_a_shared_definition_is_decided_once() -> None:
    define = "{b: {share: true, parameters: {units: {choice: [2, 3]}}, layers: [{linear: {units: units}}]}}"
    space = _space("[b, relu, b]", define=define)
    assert space.universe == {"b.units": (2, 3)}
    assert [_texts(arch) for arch in space] == [[f"linear(units={u})", "relu", f"linear(units={u})"] for u in (2, 3)]


def test_a_shared_repeat_in_a_shared_definition() -> None:
    define = (
        "{b: {share: true, layers: [{repeat: 2, share: true, of: [{choice: [relu, gelu]}]}, {choice: [tanh, silu]}]}}"
    )
    space = _space("[b, b]", define=define)
    assert space.universe == {"b.0.0": ("relu", "gelu"), "b.1": ("tanh", "silu")}
    assert [_texts(arch) for arch in space] == [[a, a, b] * 2 for a in ("relu", "gelu") for b in ("tanh", "silu")]


def test_what_is_shared_and_not_allowed_everywhere_is_never_offered() -> None:
    define = "{down: {share: true, choice: [max_pool, identity]}}"
    assert _decided(_space("[down, down, down, down]", "[1, 8]", define=define)) == [("identity",)]
    define = "{u: {share: true, choice: [3, 5], at_least: channels}}"
    use = "{linear: {units: u}}"
    layers = f"[{use}, {{linear: {{units: 4}}}}, {use}, {{linear: {{units: %s}}}}, {use}]"
    assert _decided(_space(layers % 1, define=define, input="[2]")) == [(5,)]
    with pytest.raises(SpecError) as caught:
        _space(layers % 6, define=define, input="[2]").check()
    assert [str(problem) for problem in caught.value.problems] == [
        "<text>:3:98: 4: nothing fits: no option of units is allowed after 6",
    ]


# Residual and parallel.


def test_residual_adds_its_input() -> None:
    (arch,) = _space("[gelu, {residual: [relu, tanh]}]")
    assert _texts(arch) == ["gelu", "relu", "tanh", "add"]
    assert [layer.inputs for layer in arch.layers] == [(0,), (1,), (2,), (1, 3)]


def test_residual_of_nothing_doubles() -> None:
    (arch,) = _space("[{residual: [identity]}]")
    assert [layer.inputs for layer in arch.layers] == [(0, 0)]


def test_residuals_within_residuals() -> None:
    (arch,) = _space("[{residual: [relu, {residual: [gelu]}, tanh]}]")
    assert _texts(arch) == ["relu", "gelu", "add", "tanh", "add"]
    assert [layer.inputs for layer in arch.layers] == [(0,), (1,), (1, 2), (3,), (0, 4)]


def test_residual_without_projection_offers_only_what_can_be_added() -> None:
    space = _space("[{residual: [{conv: {width: {choice: [2, 3, 4]}}}]}]", "[3, 8, 8]")
    assert [dict(arch.choices) for arch in space] == [{"0.0.conv.width": 3}]
    with pytest.raises(
        SpecError, match=r"^<text>:2:10: 0: nothing fits: add needs values of one shape, and got 4 and 5$"
    ):
        _space("[{residual: [{linear: {units: 5}}]}]").check()


@pytest.mark.parametrize(
    ("input", "body", "stride", "output"),
    [
        ("[3, 8, 8]", "{conv: {width: 5}}", 1, (5, 8, 8)),
        ("[3, 8, 8]", "{conv: {width: 3, stride: 2}}", 2, (3, 4, 4)),
        ("[3, 7, 7]", "max_pool", 3, (3, 3, 3)),
        ("[3, 9]", "{conv: {width: 4, stride: 4}}", 3, (4, 3)),
        ("[3, 8, 6]", "{conv: {width: 4, stride: 2}}", 2, (4, 4, 3)),
    ],
)
def test_projection(input: str, body: str, stride: int, output: tuple[int, ...]) -> None:
    (arch,) = _space(f"[{{residual: [{body}], project: true}}]", input)
    _, shortcut, add = arch.layers
    assert shortcut.op == Conv(output[0], kernel=1, stride=stride, bias=False)
    assert shortcut.inputs == (0,)
    assert shortcut.output == add.output == output
    assert shortcut.cost == shortcut.op.cost(arch.input)
    assert add.op == Add()
    assert add.inputs == (2, 1)


def test_projection_is_left_out_where_the_shapes_agree() -> None:
    (arch,) = _space("[{residual: [{conv: {width: 3}}], project: true}]", "[3, 8, 8]")
    assert [layer.op.name for layer in arch.layers] == ["conv", "add"]


@pytest.mark.parametrize(
    ("input", "body", "message"),
    [
        ("[4]", "{linear: {units: 5}}", "no projection leads from 4 to 5: only maps of channels have one"),
        ("[4, 8]", "flatten", "no projection leads from 4×8 to 32: only maps of channels have one"),
        ("[4, 9]", "{avg_pool: {kernel: 2}}", "add needs values of one shape, and got 4×3 and 4×4"),
    ],
)
def test_what_no_projection_reaches_is_refused(input: str, body: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        _space(f"[{{residual: [{body}], project: true}}]", input).check()
    assert str(caught.value) == f"<text>:2:10: 0: nothing fits: {message}"


def test_residual_may_concatenate() -> None:
    (arch,) = _space("[{residual: [{conv: {width: 3}}], merge: concat}]", "[2, 8, 8]")
    assert _wires(arch) == [("conv", (0,)), ("concat", (0, 1))]
    assert arch.output == (5, 8, 8)
    (arch,) = _space("[{residual: [{conv: {width: 3, stride: 2}}], merge: concat, project: true}]", "[2, 8, 8]")
    assert _texts(arch) == ["conv(width=3, stride=2)", "conv(width=2, kernel=1, stride=2, bias=False)", "concat"]
    assert arch.layers[-1].inputs == (2, 1)


@pytest.mark.parametrize(("merge", "output"), [("add", (2, 8)), ("multiply", (2, 8)), ("concat", (6, 8))])
def test_branches_read_one_value_and_are_merged_in_order(merge: str, output: tuple[int, ...]) -> None:
    (arch,) = _space(f"[tanh, {{parallel: [[relu, gelu], [], silu], merge: {merge}}}, elu]", "[2, 8]")
    assert _wires(arch) == [
        ("tanh", (0,)),
        ("relu", (1,)),
        ("gelu", (2,)),
        ("silu", (1,)),
        (merge, (3, 1, 4)),
        ("elu", (5,)),
    ]
    assert arch.layers[-1].output == output


def test_branches_are_added_by_default() -> None:
    (arch,) = _space("[{parallel: [[], []]}]")
    assert _wires(arch) == [("add", (0, 0))]


def test_decisions_of_branches() -> None:
    block = "[{choice: [relu, gelu]}]"
    space = _space(f"[{{parallel: [{block}, {{choice: [relu, gelu]}}]}}, {{name: x, parallel: {{a: {block}, b: []}}}}]")
    assert list(space.universe) == ["0.0.0", "0.1", "x.a.0"]
    assert space.size == 8


def test_branches_within_branches() -> None:
    inner = "{parallel: [gelu, [tanh, {residual: [relu]}]]}"
    (arch,) = _space(f"[{{parallel: [[relu, {inner}], [{{parallel: [[], []]}}, silu]]}}]")
    assert _wires(arch) == [
        ("relu", (0,)),
        ("gelu", (1,)),
        ("tanh", (1,)),
        ("relu", (3,)),
        ("add", (3, 4)),
        ("add", (2, 5)),
        ("add", (0, 0)),
        ("silu", (7,)),
        ("add", (6, 8)),
    ]


def test_branches_are_projected_to_the_last_one() -> None:
    branches = "[{conv: {width: 3, kernel: 1}}], [{conv: {width: 2, kernel: 1}}], [{conv: {width: 4, stride: 2}}]"
    (arch,) = _space(f"[{{parallel: [{branches}], project: true}}]", "[2, 4, 4]")
    projection = Conv(4, kernel=1, stride=2, bias=False)
    assert [(layer.op, layer.inputs, layer.output) for layer in arch.layers[3:]] == [
        (projection, (1,), (4, 2, 2)),
        (projection, (2,), (4, 2, 2)),
        (Add(), (4, 5, 3), (4, 2, 2)),
    ]
    assert [layer.cost.params for layer in arch.layers[3:5]] == [12, 8]


def test_branches_to_be_concatenated_are_projected_to_one_size() -> None:
    branches = "{a: {conv: {width: 3, kernel: 1}}, b: [], c: max_pool}"
    (arch,) = _space(f"[{{parallel: {branches}, merge: concat, project: true}}]", "[2, 4, 4]")
    assert [(layer.op, layer.inputs, layer.output) for layer in arch.layers[2:]] == [
        (Conv(3, kernel=1, stride=2, bias=False), (1,), (3, 2, 2)),
        (Conv(2, kernel=1, stride=2, bias=False), (0,), (2, 2, 2)),
        (Concat(), (3, 4, 2), (7, 2, 2)),
    ]


def test_flat_branches_of_any_width_are_concatenated() -> None:
    space = _space("[{parallel: [{linear: {units: {choice: [2, 3]}}}, []], merge: concat, project: true}]")
    assert [arch.output for arch in space] == [(6,), (7,)]


def test_branches_that_do_not_fit() -> None:
    for merge, message in [
        ("add", "add needs values of one shape, and got 4×8 and 4×4"),
        ("concat", "concat needs maps of one size, and got 4×8 and 4×4"),
    ]:
        with pytest.raises(SpecError) as caught:
            _space(f"[{{parallel: [[], max_pool], merge: {merge}}}]", "[4, 8]").check()
        assert str(caught.value) == f"<text>:2:10: 0: nothing fits: {message}"


def test_a_network_of_branches_forgets_what_they_read() -> None:
    # Walks meet again behind the branches, whatever was decided in them.
    def states(copies: int) -> int:
        body = "{parallel: [{choice: [relu, gelu]}, [{choice: [tanh, silu]}]], merge: concat}"
        return len(_space("[" + ", ".join([body] * copies) + "]").graph.states)

    assert [states(copies) for copies in (1, 2, 5)] == [2, 4, 10]


# All of them.


def test_layers_that_do_nothing_are_left_out() -> None:
    (arch,) = _space("[identity, {dropout: {p: 0.0}}, relu, identity]")
    assert _texts(arch) == ["relu"]
    assert arch.layers[0].inputs == (0,)


def test_equal_arguments_are_one_op() -> None:
    space = _space("[{repeat: 2, of: [{linear: {units: 4}}]}]")
    (arch,) = space
    assert arch.layers[0].op is arch.layers[1].op
