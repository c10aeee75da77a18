import xml.etree.ElementTree as ET

import numpy as np
import pytest

from nas.explanation import Decision, Importance, Moment, Prediction, Predictions, RankCorrelation, Window
from nas.pages.plots import COLOURS
from nas.pages.run.explained_plots import (
    OPTIONS,
    Dot,
    history_plot,
    importance_plot,
    predictions_plot,
    short_name,
    values_plot,
    windows_plot,
)
from nas.space import Space, Value
from nas.trial import Direction

DECISIONS = [
    Decision("body.repeat", (1, 2, 3), (0.5, 0.75, None), taken=1, tried=(1, 2, 0), best=0),
    Decision("body.0.skip", ("none", "wide"), (0.9, 0.6), taken=0, tried=(2, 1), best=None),
]
FOUND = RankCorrelation(0.5, 0.3, 0.7, 30)
PAIRS = tuple(Prediction(n, n / 10, (7 * n % 40) / 40) for n in range(40))
PREDICTIONS = Predictions(PAIRS, 0, 0, 0, FOUND, tuple(Window(n, FOUND) for n in range(30, 40)))
IMPORTANCES = [Importance("body.repeat", 0.3, 0.1, 60), Importance("body.0.skip", 0.05, 0.1, 60)]


def texts(svg: str) -> list[str]:
    return [
        "".join(element.itertext()).strip().replace("\u00a0", " ")
        for element in ET.fromstring(svg).iter()
        if element.tag.endswith("}text")
    ]


def history(space: Space, direction: Direction = "maximize", greedy: tuple[Dot, ...] = (Dot(2, 0.5),)) -> str:
    """Trial 0 to 4 with one network, then with another one."""
    one, two = (space.sample(np.random.default_rng(seed)) for seed in (0, 9))
    last = dict(two.choices)
    decisions = [
        Decision(name, options, tuple(0.1 * n for n in range(len(options))), options.index(last[name]), (), None)
        for name, options in space.universe.items()
        if name in last
    ]
    moments = [Moment(2, one, 0.5), Moment(4, one, 0.5), Moment(6, two, None)]
    best = [Dot(1, 0.5), Dot(5, 0.8)]
    return history_plot(decisions, moments, greedy=greedy, best=best, metric="val_acc", direction=direction)


def all_plots(space: Space) -> dict[str, str]:
    return {
        "option-values": values_plot(DECISIONS, "Q"),
        "history": history(space),
        "predictions": predictions_plot(PREDICTIONS, metric="val_acc"),
        "windows": windows_plot(PREDICTIONS),
        "importance": importance_plot(IMPORTANCES),
    }


def test_plots_load_nothing_and_keep_their_ids_apart(space: Space) -> None:
    ids: list[str] = []
    for name, svg in all_plots(space).items():
        root = ET.fromstring(svg)
        assert root.get("role") == "img"
        assert root.get("aria-label")
        for element in root.iter():
            assert not element.tag.endswith("image"), "a page that loads nothing cannot show it"
            assert all("://" not in value for value in element.attrib.values())
            href = element.get("href")
            assert href is None or href.startswith(f"#{name}-")
            ids += [value for key, value in element.attrib.items() if key == "id"]
        for role, colour in COLOURS.items():
            assert svg.count(colour) == svg.count(f"var(--{role}, {colour})")
        assert "#000000" not in svg
    assert len(ids) == len(set(ids))


def test_plots_are_deterministic(space: Space) -> None:
    assert all_plots(space) == all_plots(space)


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


def test_history(space: Space) -> None:
    found = texts(history(space))
    assert {
        "same as at the end",
        "another option",
        "best trial so far",
        "greedy, where evaluated",
        "trials told",
    } <= set(found)
    assert "greedy, where evaluated" not in texts(history(space, greedy=()))
    assert history(space, direction="minimize")


def test_predictions_and_windows() -> None:
    found = texts(predictions_plot(PREDICTIONS, metric="val_acc"))
    assert {"first half of the trials", "second half", "rank of the observed val_acc"} <= set(found)
    assert {"window of 30 predictions", "all predictions"} <= set(texts(windows_plot(PREDICTIONS)))
    one = Predictions(PAIRS, 0, 0, 0, FOUND, PREDICTIONS.windows[:1])
    assert windows_plot(one)


def test_importance() -> None:
    found = texts(importance_plot(IMPORTANCES))
    assert {"body.repeat", "30.0 %", "5.0 %", "chance (95 %)"} <= set(found)
    assert importance_plot([Importance("a", 0.0, 0.0, 1)])


def test_short_names_keep_their_ends() -> None:
    assert short_name("stage4.stage.further.2.0.block.expansion", 27) == "stage4…2.0.block.expansion"
    assert short_name("a.b.c", 5) == "a.b.c"
    assert short_name("x" * 30, 10) == "xxxxxxxxx…"
    assert short_name("first." + "x" * 30, 10) == "first.xxx…"
