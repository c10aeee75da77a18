"""Layers as one part."""

from tests.space.language.small import space_of, texts_of


def test_a_group_is_one_part() -> None:
    space = space_of("[{name: a, layers: [{choice: [relu, gelu]}, tanh]}, {layers: [{choice: [silu]}, {layers: []}]}]")
    assert list(space.universe) == ["a.0", "1.0"]
    assert [texts_of(arch) for arch in space] == [["relu", "tanh", "silu"], ["gelu", "tanh", "silu"]]
