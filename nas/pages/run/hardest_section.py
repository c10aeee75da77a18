"""The samples that the selected network got most wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

from nas.data.shown import Curves, Picture, RowValues, Words
from nas.formatting import NOTHING, show_count
from nas.pages.run.run_summary import RunSummary
from nas.tasks.metrics import PARTS

SIDE = 96
"""The side that a picture is enlarged to, in CSS pixels: whole multiples of its own, so that pixels stay squares."""
WIDE, HIGH = 240, 80
"""The size of the drawing of a series."""


def hardest_section(run: RunSummary) -> Mapping[str, Any] | None:
    """The hardest samples, hardest first; None if there are none."""
    found = run.diagnosed
    if found is None or not found.hardest:
        return None
    samples = [
        {
            "place": show_count(hard.place),
            "loss": NOTHING if hard.loss is None else f"{hard.loss:.3g}",
            "truth": hard.truth,
            "answer": hard.answer,
            **_shown(hard.shown),
        }
        for hard in found.hardest
    ]
    text = f"The samples of the {PARTS[found.part]} data with the highest loss, numbered from 0."
    match found.hardest[0].shown:
        case Words():
            text += (
                " A word in blue speaks for the right answer: without it, the loss is higher. A word in orange"
                " misleads; the stronger the colour, the more it counts."
            )
        case RowValues(columns=columns, left_out=left_out):
            text += " Values that are most unusual among the training samples come first."
            if left_out:
                text += f" {len(columns)} of {len(columns) + left_out} columns are shown."
    return {"text": text, "samples": samples}


def _shown(shown: Picture | Words | RowValues | Curves) -> Mapping[str, Any]:
    """What a template needs of it."""
    match shown:
        case Picture():
            times = max(1, SIDE // max(shown.width, shown.height))
            return {"kind": "picture", "png": shown.png, "width": times * shown.width, "height": times * shown.height}
        case Words():
            return {"kind": "words", "words": [_word(*pair) for pair in shown.words], "left_out": shown.left_out}
        case RowValues():
            return {"kind": "columns", "columns": shown.columns, "left_out": shown.left_out}
        case Curves():
            return {"kind": "curves", "curves": _curves(shown.channels), "wide": WIDE, "high": HIGH}


def _word(word: str, weight: float) -> tuple[str, str, str, int]:
    """The space before the word, the word, the role of its colour, and its strength in percent."""
    space = " " if word[:1].isspace() else ""
    return space, word.strip() or " ", "blue" if weight > 0 else "vermilion", round(55 * abs(weight))


def _curves(channels: Sequence[Sequence[float]]) -> Sequence[tuple[str, str]]:
    """The colour and the points of each curve, in the frame of the drawing."""
    from nas.pages.figure import LINES

    low = min(min(channel) for channel in channels)
    span = (max(max(channel) for channel in channels) - low) or 1.0
    found = []
    for place, channel in enumerate(channels):
        step = WIDE / max(1, len(channel) - 1)
        points = " ".join(
            f"{step * at:.1f},{HIGH - 2 - (HIGH - 4) * (value - low) / span:.1f}" for at, value in enumerate(channel)
        )
        found.append((LINES[place % len(LINES)], points))
    return found
