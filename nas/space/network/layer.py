"""Layers, as frozen data without torch."""

from collections.abc import Iterable
from typing import NamedTuple

from nas.ops import Cost, Merge, Op, Shape


class Layer(NamedTuple):
    """One layer of a network.

    `inputs` are the indices of the values that the layer reads: 0 is the input of the network, k the output of layer k,
    counted from 1.
    """

    op: Op | Merge
    inputs: tuple[int, ...]
    output: Shape
    cost: Cost


def total(costs: Iterable[Cost]) -> Cost:
    """The sum of the costs."""
    params = macs = 0
    for cost in costs:
        params += cost[0]
        macs += cost[1]
    return Cost(params, macs)
