"""Several architectures as one."""

import pytest

from nas.errors import ShapeError
from nas.ops import Mean
from nas.space import parse_space
from nas.space.union import union_of

SPACE = """
input: [1, 4, 4]
outputs: 3
layers:
  - residual: [{conv: {width: {choice: [2, 4]}}}, relu]
    project: true
  - flatten
  - linear: {units: outputs}
"""


def test_members_read_the_input_and_are_merged() -> None:
    members = list(parse_space(SPACE))
    union = union_of(members, Mean())
    assert (union.input, union.output) == ((1, 4, 4), (3,))
    assert union.cost == tuple(map(sum, zip(*(member.cost for member in members), strict=True)))
    count = len(members[0].layers)
    assert union.layers[:count] == members[0].layers
    for own, moved in zip(members[1].layers, union.layers[count:-1], strict=True):
        assert moved.inputs == tuple(index + count if index else 0 for index in own.inputs)
        assert moved._replace(inputs=own.inputs) == own
    assert (union.layers[-1].op, union.layers[-1].inputs) == (Mean(), (count, 2 * count))
    assert [name for name, _ in union.choices] == [f"{place}.0.0.conv.width" for place in (1, 2)]
    assert len(set(union.names)) == len(union.layers)


def test_equal_members_in_any_order_are_one_network() -> None:
    first, second = parse_space(SPACE)
    ids = [union_of(members, Mean()).id for members in ([first, second], [second, first], [first, first])]
    assert ids[0] == ids[1] != ids[2]
    assert ids[2] != first.id
    assert union_of([first] * 8, Mean()).id != ids[2], "eight copies are told apart without trying all orders"


def test_a_network_without_layers_is_its_input() -> None:
    empty = next(iter(parse_space("input: [3]\nlayers: []")))
    assert union_of([empty, empty], Mean()).layers[-1].inputs == (0, 0)


def test_outputs_that_differ() -> None:
    members = [next(iter(parse_space(f"input: [3]\nlayers: [{{linear: {{units: {units}}}}}]"))) for units in (1, 2)]
    with pytest.raises(ShapeError, match="mean needs values of equal shape, got 1 and 2"):
        union_of(members, Mean())
