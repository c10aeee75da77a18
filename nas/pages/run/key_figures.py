"""The key figures of a run: the tiles at the top of its page."""

from collections.abc import Iterable, Sequence

from nas.formatting import (
    counted,
    show_count,
    show_duration,
    show_short,
)
from nas.pages.run.choice import handed_over
from nas.pages.run.final_network import quality
from nas.pages.run.run_summary import RunSummary


def key_figures(run: RunSummary) -> Sequence[tuple[str, str, str]]:
    """The key figures: name, number, note."""
    return [*quality(run), *_size(run), *_effort(run)]


def _size(run: RunSummary) -> Iterable[tuple[str, str, str]]:
    if run.network:
        other, layers = run.replacement, f"{len(run.network.layers)} layers"
        note = layers if other is None or other.what == "joined" else handed_over(other)
        yield "Parameters", show_count((other or run.network).params), note
        yield "MACs", show_short((other or run.network).macs), "one forward pass of one sample"
    if run.chosen and run.chosen.privacy:
        bound = run.chosen.privacy
        yield "Privacy", f"ε {bound['epsilon']:.3g}", f"δ {bound['delta']:g}, for each training sample"


def _effort(run: RunSummary) -> Iterable[tuple[str, str, str]]:
    different = len({trial.architecture.id for trial in run.trials})
    notes = [counted(different, "network")] if run.trials else []
    notes.append(f"{show_count(len(run.failed))} failed")
    if run.all_tried:
        notes.append("the whole space")
    wanted = f" of {show_count(run.budget)}" if run.budget not in (None, len(run.trials)) else ""
    yield "Trials", show_count(len(run.trials)) + wanted, ", ".join(notes)
    stages = run.seconds
    each = ", ".join(f"{stage} {show_duration(seconds)}" for stage, seconds in stages.items())
    yield "Training time", show_duration(sum(stages.values())), each if len(stages) > 1 else "summed over trials"
