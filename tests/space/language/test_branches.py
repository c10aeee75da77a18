"""Residuals and parallel branches, what merges them, and projections."""

import pytest

from nas.errors import SpecError
from nas.ops import Add, Concat, Conv
from tests.space.language.small import space_of, texts_of, wires_of


def test_residual_adds_its_input() -> None:
    (arch,) = space_of("[gelu, {residual: [relu, tanh]}]")
    assert texts_of(arch) == ["gelu", "relu", "tanh", "add"]
    assert [layer.inputs for layer in arch.layers] == [(0,), (1,), (2,), (1, 3)]


def test_residual_of_nothing_doubles() -> None:
    (arch,) = space_of("[{residual: [identity]}]")
    assert [layer.inputs for layer in arch.layers] == [(0, 0)]


def test_residuals_within_residuals() -> None:
    (arch,) = space_of("[{residual: [relu, {residual: [gelu]}, tanh]}]")
    assert texts_of(arch) == ["relu", "gelu", "add", "tanh", "add"]
    assert [layer.inputs for layer in arch.layers] == [(0,), (1,), (1, 2), (3,), (0, 4)]


def test_residual_without_projection_offers_only_what_can_be_added() -> None:
    space = space_of("[{residual: [{conv: {width: {choice: [2, 3, 4]}}}]}]", "[3, 8, 8]")
    assert [dict(arch.choices) for arch in space] == [{"0.0.conv.width": 3}]
    with pytest.raises(
        SpecError, match=r"^<text>:2:10: 0: no architecture fits: add needs values of equal shape, got 4 and 5$"
    ):
        space_of("[{residual: [{linear: {units: 5}}]}]").check()


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
    (arch,) = space_of(f"[{{residual: [{body}], project: true}}]", input)
    _, shortcut, add = arch.layers
    assert shortcut.op == Conv(output[0], kernel=1, stride=stride, bias=False)
    assert shortcut.inputs == (0,)
    assert shortcut.output == add.output == output
    assert shortcut.cost == shortcut.op.cost(arch.input)
    assert add.op == Add()
    assert add.inputs == (2, 1)


def test_projection_is_left_out_where_the_shapes_agree() -> None:
    (arch,) = space_of("[{residual: [{conv: {width: 3}}], project: true}]", "[3, 8, 8]")
    assert [layer.op.name for layer in arch.layers] == ["conv", "add"]


@pytest.mark.parametrize(
    ("input", "body", "message"),
    [
        ("[4]", "{linear: {units: 5}}", "no projection leads from 4 to 5: only maps of channels have one"),
        ("[4, 8]", "flatten", "no projection leads from 4×8 to 32: only maps of channels have one"),
        ("[4, 9]", "{avg_pool: {kernel: 2}}", "add needs values of equal shape, got 4×3 and 4×4"),
    ],
)
def test_what_no_projection_reaches_is_refused(input: str, body: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        space_of(f"[{{residual: [{body}], project: true}}]", input).check()
    assert str(caught.value) == f"<text>:2:10: 0: no architecture fits: {message}"


def test_residual_may_concatenate() -> None:
    (arch,) = space_of("[{residual: [{conv: {width: 3}}], merge: concat}]", "[2, 8, 8]")
    assert wires_of(arch) == [("conv", (0,)), ("concat", (0, 1))]
    assert arch.output == (5, 8, 8)
    (arch,) = space_of("[{residual: [{conv: {width: 3, stride: 2}}], merge: concat, project: true}]", "[2, 8, 8]")
    assert texts_of(arch) == ["conv(width=3, stride=2)", "conv(width=2, kernel=1, stride=2, bias=False)", "concat"]
    assert arch.layers[-1].inputs == (2, 1)


@pytest.mark.parametrize(("merge", "output"), [("add", (2, 8)), ("multiply", (2, 8)), ("concat", (6, 8))])
def test_branches_read_one_value_and_are_merged_in_order(merge: str, output: tuple[int, ...]) -> None:
    (arch,) = space_of(f"[tanh, {{parallel: [[relu, gelu], [], silu], merge: {merge}}}, elu]", "[2, 8]")
    assert wires_of(arch) == [
        ("tanh", (0,)),
        ("relu", (1,)),
        ("gelu", (2,)),
        ("silu", (1,)),
        (merge, (3, 1, 4)),
        ("elu", (5,)),
    ]
    assert arch.layers[-1].output == output


def test_branches_are_added_by_default() -> None:
    (arch,) = space_of("[{parallel: [[], []]}]")
    assert wires_of(arch) == [("add", (0, 0))]


def test_decisions_of_branches() -> None:
    block = "[{choice: [relu, gelu]}]"
    space = space_of(
        f"[{{parallel: [{block}, {{choice: [relu, gelu]}}]}}, {{name: x, parallel: {{a: {block}, b: []}}}}]"
    )
    assert list(space.universe) == ["0.0.0", "0.1", "x.a.0"]
    assert space.size == 8


def test_branches_within_branches() -> None:
    inner = "{parallel: [gelu, [tanh, {residual: [relu]}]]}"
    (arch,) = space_of(f"[{{parallel: [[relu, {inner}], [{{parallel: [[], []]}}, silu]]}}]")
    assert wires_of(arch) == [
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
    (arch,) = space_of(f"[{{parallel: [{branches}], project: true}}]", "[2, 4, 4]")
    projection = Conv(4, kernel=1, stride=2, bias=False)
    assert [(layer.op, layer.inputs, layer.output) for layer in arch.layers[3:]] == [
        (projection, (1,), (4, 2, 2)),
        (projection, (2,), (4, 2, 2)),
        (Add(), (4, 5, 3), (4, 2, 2)),
    ]
    assert [layer.cost.params for layer in arch.layers[3:5]] == [12, 8]


def test_branches_to_be_concatenated_are_projected_to_one_size() -> None:
    branches = "{a: {conv: {width: 3, kernel: 1}}, b: [], c: max_pool}"
    (arch,) = space_of(f"[{{parallel: {branches}, merge: concat, project: true}}]", "[2, 4, 4]")
    assert [(layer.op, layer.inputs, layer.output) for layer in arch.layers[2:]] == [
        (Conv(3, kernel=1, stride=2, bias=False), (1,), (3, 2, 2)),
        (Conv(2, kernel=1, stride=2, bias=False), (0,), (2, 2, 2)),
        (Concat(), (3, 4, 2), (7, 2, 2)),
    ]


def test_flat_branches_of_any_width_are_concatenated() -> None:
    space = space_of("[{parallel: [{linear: {units: {choice: [2, 3]}}}, []], merge: concat, project: true}]")
    assert [arch.output for arch in space] == [(6,), (7,)]


def test_branches_that_do_not_fit() -> None:
    for merge, message in [
        ("add", "add needs values of equal shape, got 4×8 and 4×4"),
        ("concat", "concat needs maps of equal size, got 4×8 and 4×4"),
    ]:
        with pytest.raises(SpecError) as caught:
            space_of(f"[{{parallel: [[], max_pool], merge: {merge}}}]", "[4, 8]").check()
        assert str(caught.value) == f"<text>:2:10: 0: no architecture fits: {message}"


def test_a_network_of_branches_forgets_what_they_read() -> None:
    # Walks meet again behind the branches, whatever was decided in them.
    def states(copies: int) -> int:
        body = "{parallel: [{choice: [relu, gelu]}, [{choice: [tanh, silu]}]], merge: concat}"
        return len(space_of("[" + ", ".join([body] * copies) + "]").graph.states)

    assert [states(copies) for copies in (1, 2, 5)] == [2, 4, 10]
