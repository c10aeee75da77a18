"""The map of the values of options."""

import pytest

from nas.explanation import Decision
from nas.pages.run.values_plot import OPTIONS, values_plot
from nas.space import Value
from tests.pages.svg import check_inline, texts

DECISIONS = [
    Decision("body.repeat", (1, 2, 3), (0.5, 0.75, None), taken=1, tried=(1, 2, 0), best=0),
    Decision("body.0.skip", ("none", "wide"), (0.9, 0.6), taken=0, tried=(2, 1), best=None),
]


def test_it_stands_in_a_page() -> None:
    check_inline([values_plot(DECISIONS, "Q")])
    assert values_plot(DECISIONS, "Q") == values_plot(DECISIONS, "Q")


def test_values() -> None:
    """An option each cell, frames and dots in the legend, and hatching where something is not legal."""
    svg = values_plot(DECISIONS, "Q")
    found = texts(svg)
    assert {"body.repeat", "1", "2", "3", "body.0.skip", "none", "wide", "Q-value"} <= set(found)
    assert {"taken (highest value)", "taken in the best trial", "not legal here"} <= set(found)
    assert "<pattern" in svg
    legal = values_plot(DECISIONS[1:], "probability")
    assert "not legal here" not in texts(legal)
    assert "taken in the best trial" not in texts(legal)
    assert {"probability", "0.00", "1.00"} <= set(texts(legal))


def test_far_lower_values_do_not_take_up_the_colours() -> None:
    many = [Decision(f"d{n}", (0, 1), (0.9 + n / 1000, 0.89), 0, (0, 0), None) for n in range(20)]
    low = Decision("low", (0, 1), (-50.0, 0.9), 1, (0, 0), None)
    assert "Q-value, lower values clipped" in texts(values_plot([*many, low], "Q"))
    assert "Q-value" in texts(values_plot(many, "Q"))


@pytest.mark.parametrize("count", [OPTIONS, OPTIONS + 1, 50])
def test_of_many_options_the_best_are_shown_in_their_order(count: int) -> None:
    """The values rise and the last option is not legal: it is the first to go."""
    options: tuple[Value, ...] = tuple(f"o{n}" for n in range(count))
    values = (*(n / count for n in range(count - 1)), None)
    found = texts(values_plot([Decision("d", options, values, count - 2, (), None)], "Q"))
    shown = [text for text in found if text.startswith("o")]
    first = max(0, count - 1 - OPTIONS)
    assert shown == (
        [f"o{n}" for n in range(count)] if count == OPTIONS else [f"o{n}" for n in range(first, count - 1)]
    )


@pytest.mark.parametrize("values", [(0.5, 0.5), (float("nan"), 0.5), (None, 0.5), (-1e9, 1e9)])
def test_odd_values(values: tuple[float | None, ...]) -> None:
    nasty = Decision("<&\x00損失$x^2$", ("<b>", True), values, taken=1, tried=(0, 0), best=1)
    for kind in ("Q", "probability"):
        assert "<b>" in texts(values_plot([nasty], kind))
