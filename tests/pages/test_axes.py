"""Axes: what they show of the values."""

from nas.pages.run.progress_plot import Dot
from tests.pages.run.test_progress_plot import DOTS, progress
from tests.pages.svg import texts


def test_a_very_bad_trial_does_not_flatten_the_rest() -> None:
    ticks = [text for text in texts(progress([*DOTS, Dot(6, 0.1)])) if text.endswith("%")]
    assert ticks
    assert all(float(text.rstrip(" %")) > 70 for text in ticks)
