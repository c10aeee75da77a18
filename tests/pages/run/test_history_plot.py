"""The decisions of the greedy architecture over a search."""

import numpy as np

from nas.explanation import Decision, Moment
from nas.pages.run.history_plot import history_plot
from nas.pages.run.progress_plot import Dot
from nas.space import Space
from nas.trial import Direction
from tests.pages.svg import check_inline, texts


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


def test_it_stands_in_a_page(space: Space) -> None:
    check_inline([history(space)])
    assert history(space) == history(space)


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
