"""Layers and their costs."""

from nas.ops import Cost, Linear
from nas.space import Layer
from nas.space.network.layer import total


def test_costs_are_added() -> None:
    assert total(()) == Cost(0, 0)
    layers = [Layer(Linear(units), (place,), (units,), Linear(units).cost((4,))) for place, units in enumerate((4, 3))]
    assert total(layer.cost for layer in layers) == Cost(5 * 4 + 5 * 3, 4 * 4 + 4 * 3)
