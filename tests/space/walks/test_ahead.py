"""What looks ahead agrees with itself: counts, and the edges that may be followed."""

import numpy as np
import pytest

from nas.space import Bound, Limits, parse_space
from nas.space.walks.ahead import Ahead
from nas.space.walks.kept import Kept
from nas.space.walks.limits import Budget

SPACE = parse_space(
    "input: [4]\n"
    "layers: [{repeat: {choice: [1, 2]}, of: [{linear: {units: {choice: [1, 2, 3]}}}]}, {choice: [relu, tanh]}]"
)
LOOKING = {
    "limits": Budget(SPACE.graph, Limits({"params": Bound(0, 12)})),
    "members": Kept(SPACE.graph, [arch.choices for arch in SPACE][::3]),
}


@pytest.mark.parametrize("ahead", LOOKING.values(), ids=LOOKING)
def test_counts_are_those_of_the_options(ahead: Ahead) -> None:
    ((root, left),) = ahead.follow([SPACE.graph.root], ahead.whole)
    state, rng = root.state, np.random.default_rng(0)
    assert ahead.exact
    while state.name and left is not None:  # None: all that lies behind may be taken
        followed = ahead.follow(state.edges, left)
        assert ahead.count(state, left) == sum(ahead.count(edge.state, rest) for edge, rest in followed)
        assert all(ahead.count(edge.state, rest) for edge, rest in followed)
        assert list(ahead.merge([left], 1)) == [left]
        edge, left = followed[int(rng.integers(len(followed)))]
        state = edge.state
    assert ahead.count(state, left) == state.size
