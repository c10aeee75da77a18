"""Samples as people look at them: pictures, spectrograms, words, columns of a table, curves. Plain data, for a page."""

from nas.data.shown.display import Display
from nas.data.shown.records import Curves, Picture, RowValues, Shown, Words

__all__ = ["Curves", "Display", "Picture", "RowValues", "Shown", "Words"]
