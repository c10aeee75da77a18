"""What each keyword does when a walk comes to it."""

import numpy as np
import pytest

from nas.errors import SpecError
from nas.ops import Add, Conv
from nas.space import Architecture, Choice, Space, Value, parse_space


def _space(layers: str, input: str = "[4]", **top: str) -> Space:
    head = "".join(f"{key}: {value}\n" for key, value in top.items())
    return parse_space(f"input: {input}\n{head}layers: {layers}")


def _texts(arch: Architecture) -> list[str]:
    return [layer.op.text for layer in arch.layers]


def test_arguments_are_decided_in_the_order_in_which_they_are_written() -> None:
    space = _space("[{linear: {bias: {choice: [true, false]}, units: {choice: [1, 2]}}}]")
    assert list(space.universe) == ["0.linear.bias", "0.linear.units"]
    assert [tuple(dict(arch.choices).values()) for arch in space] == [(True, 1), (True, 2), (False, 1), (False, 2)]


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
        _space("[{residual: [{linear: {units: 5}}]}]")


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
    ("input", "body"), [("[4]", "{linear: {units: 5}}"), ("[4, 8]", "flatten"), ("[4, 9]", "{avg_pool: {kernel: 2}}")]
)
def test_what_no_projection_reaches_is_refused(input: str, body: str) -> None:
    with pytest.raises(SpecError, match=r"nothing fits: (residual cannot project|add needs values of one shape)"):
        _space(f"[{{residual: [{body}], project: true}}]", input)


def test_layers_that_do_nothing_are_left_out() -> None:
    (arch,) = _space("[identity, {dropout: {p: 0.0}}, relu, identity]")
    assert _texts(arch) == ["relu"]
    assert arch.layers[0].inputs == (0,)


def test_equal_arguments_are_one_op() -> None:
    space = _space("[{repeat: 2, of: [{linear: {units: 4}}]}]")
    (arch,) = space
    assert arch.layers[0].op is arch.layers[1].op


def test_walks_are_the_same_whichever_picker_makes_them() -> None:
    space = _space("[{repeat: {choice: [1, 2]}, of: [{linear: {units: {choice: [1, 2]}}}]}]")
    seen: list[str] = []

    def last(choice: Choice) -> Value:
        seen.append(choice.name)
        return choice.options[-1]

    arch = space.walk(last)
    assert seen == [name for name, _ in arch.choices]
    assert space.rebuild(dict(arch.choices)) == arch
    assert space.sample(np.random.default_rng(0)) in list(space)
