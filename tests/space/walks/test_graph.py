"""The graph of walks: its states against brute force, what is dead, and how far it is explored."""

import pytest

from nas.errors import SpecError
from nas.space import Space, parse_space
from nas.space.walks.graph import Graph, State

IMAGES = """
input: [2, 8, 8]
layers:
  - repeat: {choice: [1, 2, 3]}
    of:
      - {conv: {width: {choice: [2, 3]}}}
      - choice: [max_pool, identity, {residual: [{conv: {width: {choice: [2, 3]}, padding: valid}}], project: true}]
  - choice: [flatten, global_avg_pool]
  - {linear: {units: {choice: [1, 2]}}}
"""


@pytest.fixture(scope="module")
def space() -> Space:
    return parse_space(IMAGES)


def _walks(state: State) -> list[tuple[int, int]]:
    """The cost of each walk from a state to the end."""
    if not state.name:
        return [(0, 0)]
    return [
        (edge.cost.params + params, edge.cost.macs + macs)
        for edge in state.edges
        for params, macs in _walks(edge.state)
    ]


def test_sizes_and_bounds_are_those_of_brute_force(space: Space) -> None:
    for state in space.graph.states:
        costs = _walks(state)
        assert state.size == len(costs)
        assert state.low == tuple(min(cost[i] for cost in costs) for i in range(2))
        assert state.high == tuple(max(cost[i] for cost in costs) for i in range(2))


def test_states_come_before_those_that_they_lead_to(space: Space) -> None:
    places = {id(state): place for place, state in enumerate(space.graph.states)}
    assert space.graph.states[0] is space.graph.root.state
    for place, state in enumerate(space.graph.states):
        assert all(places[id(edge.state)] > place for edge in state.edges if edge.state.name)


def test_no_state_is_dead(space: Space) -> None:
    dead_ends = parse_space(
        """
        input: [1, 4, 4]
        limits: {params: 1000}
        layers:
          - choice: [flatten, identity]
          - choice: [{linear: {units: {choice: [3, 4]}}}, [relu, flatten, {linear: {units: 2}}]]
        """
    )
    for one in (space, dead_ends):
        assert all(state.size for state in one.graph.states)
        assert all(edge.state.size for state in one.graph.states for edge in state.edges)
    assert dead_ends.size == 4


def test_walks_that_come_to_one_point_share_its_state() -> None:
    def states(copies: int) -> int:
        body = "[{linear: {units: {choice: [1, 2, 3, 4]}}}, {choice: [relu, gelu, tanh]}]"
        return len(parse_space(f"input: [4]\nlayers: [{{repeat: {copies}, of: {body}}}]").graph.states)

    # 12^n architectures, and as many states more for each copy, whatever n is.
    assert states(21) - states(20) == states(6) - states(5) <= 8


@pytest.mark.parametrize(
    "body",
    [
        "[{repeat: 2, share: true, of: [{choice: [relu, gelu, tanh]}]}]",
        "[{residual: [{choice: [relu, gelu, tanh]}]}]",
        "[{residual: [{repeat: 2, share: true, of: [{choice: [relu, gelu, tanh]}]}], project: true}]",
        "[{repeat: 1, of: [{choice: [[relu], [gelu], [tanh]]}]}]",
    ],
)
def test_walks_meet_again_where_a_part_has_ended(body: str) -> None:
    def states(copies: int) -> int:
        return len(parse_space(f"input: [4]\nlayers: [{{repeat: {copies}, of: {body}}}]").graph.states)

    assert [states(copies) for copies in (1, 2, 5)] == [1, 2, 5]


def test_the_end_of_a_walk_has_no_name_and_counts_one() -> None:
    graph = parse_space("input: [4]\nlayers: [relu]").graph
    assert graph.states == ()
    assert graph.root.state.name == ""
    assert graph.root.state.size == 1
    assert len(graph.root.events) == 1


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (
            "input: [4]\nlayers:\n  - relu\n  - max_pool\n",
            ["f:4:5: 1: no architecture fits: max_pool needs a sequence (C, L) or an image (C, H, W), got 4"],
        ),
        (
            "input: [2, 3]\nlayers:\n  - choice: [max_pool, relu]\n  - max_pool\n  - max_pool\n",
            [
                "f:4:5: 1: no architecture fits: max_pool has a window of 2 that is larger than its padded input of 1",
                "f:5:5: 2: no architecture fits: max_pool has a window of 2 that is larger than its padded input of 1",
            ],
        ),
        (
            "input: [4]\noutputs: 3\nlayers: [{linear: {units: {choice: [2, 4]}}}]\n",
            [
                "f:3:9: no architecture fits: the output of the network has shape (2,), expected (3,)",
            ],
        ),
    ],
)
def test_a_space_without_members_says_why(text: str, messages: list[str]) -> None:
    with pytest.raises(SpecError) as caught:
        parse_space(text, file="f").check()
    assert [str(problem) for problem in caught.value.problems] == messages


@pytest.mark.parametrize(
    "layers",
    [
        "[{repeat: 1000, of: [{repeat: 1000, of: [{repeat: 1000, of: [relu]}]}]}]",
        "[{repeat: 2, share: true, of: [{repeat: 40, of: [{choice: [relu, gelu]}]}]}]",
        "[{linear: {units: {choice: [1, 2, 3, 4]}}}, {repeat: 1000, of: [{repeat: 4, of: [relu]}]}]",
    ],
    ids=["nested repeats", "shared decisions", "long tails"],
)
def test_exploration_ends(layers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.space.walks.graph.MAX_STEPS", 5_000)
    with pytest.raises(
        SpecError, match=r"^<text>:2:9: the space has too many situations to explore \(over 5,000 steps\)"
    ):
        parse_space(f"input: [4]\nlayers: {layers}").check()


def test_a_graph_is_explored_once(space: Space) -> None:
    graph: Graph = space.graph
    assert space.graph is graph
