"""The samples that the selected network got most wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

from nas.data.shown import Curves, Picture, RowValues, Shown, Words
from nas.final.diagnosed import Near
from nas.formatting import NOTHING, show_count
from nas.pages.run.run_summary import RunSummary
from nas.tasks.metrics import PARTS

SIDE, SMALL = 96, 48
"""The sides that pictures are enlarged to, and those of training samples, in CSS pixels: whole multiples of their own,
so that pixels stay squares."""
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
            "loss": NOTHING if hard.loss is None else f"{hard.loss + 0.0:.3g}",
            "truth": hard.truth,
            "answer": hard.answer,
            **_shown(hard.shown, SIDE),
            "saliency": None if hard.saliency is None else _shown(hard.saliency, SIDE),
            "near": [_near(one) for one in hard.near],
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
    if any(hard.saliency for hard in found.hardest):
        text += (
            " Beside each, what in it speaks for the right answer in blue, and what misleads in orange (integrated"
            " gradients of the loss, on the way from a mean input)."
        )
    if any(hard.near for hard in found.hardest):
        text += (
            " Under it, the training samples that the network finds most alike, with the cosine of what its last linear"
            " layer reads. Where their targets agree and that of the sample differs, its target may be wrong."
        )
    return {"text": text, "samples": samples}


def _near(near: Near) -> Mapping[str, Any]:
    """What a template needs of a training sample."""
    match near.shown:
        case None:
            shown: Mapping[str, Any] = {"kind": ""}
        case Words(words=words, left_out=left_out):
            shown = {"kind": "text", "text": "".join(word for word, _ in words).strip() + " …" * bool(left_out)}
        case _:
            shown = _shown(near.shown, SMALL)
    return {"truth": near.truth, "name": near.name, "similarity": f"{near.similarity:.2f}", **shown}


def _shown(shown: Shown, side: int) -> Mapping[str, Any]:
    """What a template needs of it; pictures are enlarged to a side."""
    match shown:
        case Picture():
            times = max(1, side // max(shown.width, shown.height))
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
