"""The plot of the trials of a search."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from nas.pages.run.progress_plot import Dot, progress_plot
from nas.trial import Direction
from tests.pages.svg import texts

DOTS = [Dot(0, 0.8), Dot(1, 0.9), Dot(3, 0.85), Dot(4, 0.88), Dot(5, 0.91)]


def progress(dots: Sequence[Dot], failed: Sequence[int] = (), direction: Direction = "maximize") -> str:
    return progress_plot(dots, failed, metric="val_acc", direction=direction)


def test_the_legend_names_what_is_there() -> None:
    assert {"trial", "best so far"} <= set(texts(progress(DOTS)))
    assert "failed" not in texts(progress(DOTS))
    assert "failed" in texts(progress(DOTS, [2]))
    assert "off the scale" in texts(progress([*DOTS, Dot(6, 0.1)]))


def test_values_of_fewer_epochs_are_set_apart() -> None:
    dots = [Dot(0, 0.99, 1), Dot(1, 0.5, 1), Dot(2, 0.6, 3), Dot(3, 0.9), Dot(4, 0.8)]
    assert {"fewer epochs", "most epochs"} <= set(texts(progress(dots)))
    assert "trial" in texts(progress([replace(dot, fidelity=3) for dot in dots]))
    # The best so far falls when the first longer training is there, and so has a corner at 0.6: 0.99, 0.6, 0.9.
    assert progress(dots) != progress([replace(dot, fidelity=1) for dot in dots])


@pytest.mark.parametrize(
    "dots",
    [
        [],
        [Dot(0, 0.5)],
        [Dot(0, 0.0)],
        [Dot(n, 0.5) for n in range(5)],
        [Dot(n, -1e6 * n) for n in range(9)],
    ],
)
@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_odd_data(dots: Sequence[Dot], direction: Direction) -> None:
    assert "m$_{x" in texts(progress_plot(dots, [], metric="m$_{x", direction=direction))
    assert "<&" in texts(progress_plot(dots, [0, 7], metric="<&\x00", direction=direction))
    assert "損失" in texts(progress_plot(dots, [], metric="損失", direction=direction))


def test_text_is_not_read_as_markup_or_mathematics() -> None:
    assert "<b>$x^2$" in texts(progress_plot(DOTS, [], metric="<b>$x^2$", direction="maximize"))
