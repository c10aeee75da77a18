"""Layers of cells, built value by value."""

from nas.ops import Add, Concat, ReLU, Zero
from nas.ops.op import FREE
from nas.space import Layer
from nas.space.network.building import Opening, Piece, truncation

SHAPE = (4, 6)


def _piece(*ops: ReLU | Zero) -> Piece:
    layers = tuple(Layer(op, (place,), SHAPE, FREE) for place, op in enumerate(ops))
    return Piece(layers, len(layers), FREE, "label", "title", SHAPE)


def test_layers_read_what_the_pieces_gave() -> None:
    opening = Opening(2)
    one = opening.piece(_piece(ReLU(), ReLU()), 1)
    same = opening.piece(_piece(), 0)
    total = opening.merge(Add(), [one, same], [SHAPE, SHAPE])
    row = opening.merge(Concat(), [total, opening.truncate(0, SHAPE, 3)], [SHAPE, (3, 6)])
    assert (one, same, total, row) == (3, 0, 4, 6)
    assert [layer.inputs for layer in opening.layers] == [(1,), (2,), (3, 0), (0,), (4, 5)]
    assert [layer.output for layer in opening.layers] == [SHAPE, SHAPE, SHAPE, (3, 6), (7, 6)]


def test_one_value_alone_is_not_merged() -> None:
    opening = Opening(1)
    assert opening.merge(Add(), [0], [SHAPE]) == 0
    assert opening.layers == []


def test_a_piece_of_zeros() -> None:
    assert _piece(Zero()).zero
    assert not _piece(ReLU()).zero
    assert truncation(3) is truncation(3)
