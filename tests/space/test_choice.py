"""Choices: how options are drawn."""

import numpy as np
import pytest

from nas.space import Choice


def test_draw_follows_the_weights() -> None:
    choice = Choice("a", ("x", "y"), lambda: (1, 3))
    rng = np.random.default_rng(0)
    drawn = [choice.draw(rng) for _ in range(2000)]
    # Three standard deviations are 0.029; the seed is fixed.
    assert drawn.count("y") / 2000 == pytest.approx(0.75, abs=0.03)


def test_weights_are_counted_when_they_are_read() -> None:
    def fail() -> tuple[int, ...]:
        raise AssertionError("nobody asked for the weights")

    choice = Choice("a", ("x",), fail)
    assert choice.draw(np.random.default_rng(0)) == "x"
    with pytest.raises(AssertionError):
        _ = choice.weights
