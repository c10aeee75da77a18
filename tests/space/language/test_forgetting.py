"""What was decided within a part is forgotten behind it, so that walks meet again."""

import pytest

from tests.space.language.small import space_of


def test_what_copies_decided_is_forgotten() -> None:
    def states(copies: int) -> int:
        body = "[{name: act, choice: [relu, gelu, silu]}, {choice: [tanh, elu], when: {act: gelu}}]"
        return len(space_of(f"[{{repeat: {copies}, of: {body}}}]").graph.states)

    assert [states(copies) for copies in (1, 2, 5)] == [2, 4, 10]


def test_what_steps_decided_is_forgotten() -> None:
    def states(depth: int) -> int:
        body = "[{name: act, choice: [relu, gelu, silu]}, {choice: [tanh, elu], when: {act: gelu}}]"
        return len(
            space_of(f"[{{sequence: {{a: {{layers: {body}}}}}, depth: {{min: {depth}, max: {depth}}}}}]").graph.states
        )

    assert [states(depth) for depth in (1, 2, 5)] == [3, 6, 15]


ASKING = "[{name: act, choice: [relu, gelu]}, {choice: [tanh, elu], when: {act: gelu}}]"


@pytest.mark.parametrize(
    ("layers", "body"),
    [
        pytest.param("[{}]", "b", id="uses"),
        pytest.param("[{}]", f"{{layers: {ASKING}}}", id="groups"),
        pytest.param("[{}]", f"{{choice: [{ASKING}, tanh]}}", id="options"),
        pytest.param("[{}]", f"{{residual: {ASKING}}}", id="branches"),
        pytest.param(
            "[{{name: act, choice: [relu, gelu]}}, {}, {{tanh: , when: {{act: gelu}}}}]",
            "{repeat: 2, of: [{name: act, choice: [relu, gelu]}]}",
            id="copies",
        ),
    ],
)
def test_walks_meet_again_behind_conditions(layers: str, body: str) -> None:
    define = f"{{b: {ASKING}}}" if body == "b" else "{}"

    def states(copies: int) -> int:
        return len(space_of(layers.format(", ".join([body] * copies)), define=define).graph.states)

    two, three, five = (states(copies) for copies in (2, 3, 5))
    assert five - three == 2 * (three - two)
