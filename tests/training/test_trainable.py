"""What is known of a training before it begins."""

import pytest

from nas.errors import UsageError
from nas.space import Space, parse_space
from nas.space.cover import cover
from nas.training import Recipe
from nas.training.trainable import check_batches


@pytest.fixture
def space() -> Space:
    return parse_space("{input: [4], layers: [{choice: [relu, batch_norm]}, {linear: {units: 2}}]}")


def test_a_layer_that_one_option_alone_has(space: Space) -> None:
    shown = tuple(cover(space))
    check_batches(shown, Recipe(batch_size=2))
    check_batches([arch for arch in shown if "relu" in arch.names[0]], Recipe(batch_size=1))
    with pytest.raises(UsageError, match=r"^batch_size: batch_norm with one value .* \(expected 2 or more, got 1\)$"):
        check_batches(shown, Recipe(batch_size=1))
