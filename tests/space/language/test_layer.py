"""Layers."""

from tests.space.language.small import space_of, texts_of


def test_layers_that_do_nothing_are_left_out() -> None:
    (arch,) = space_of("[identity, {dropout: {p: 0.0}}, relu, identity]")
    assert texts_of(arch) == ["relu"]
    assert arch.layers[0].inputs == (0,)


def test_equal_arguments_are_one_op() -> None:
    space = space_of("[{repeat: 2, of: [{linear: {units: 4}}]}]")
    (arch,) = space
    assert arch.layers[0].op is arch.layers[1].op
