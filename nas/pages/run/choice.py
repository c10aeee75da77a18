"""The choice among the finalists in sentences: how sure it is, and how their order changed from stage to stage."""

from collections.abc import Mapping, Sequence

from nas.final.finalist import Final
from nas.final.order import FULL_TRAINING, POSTERIOR, REPEATS, SEARCH, Stage
from nas.final.replacement import Replacement
from nas.formatting import counted, listed, show_count, show_metric, show_percent
from nas.tasks.metrics import measured_in

REACHED: Mapping[str, str] = {
    SEARCH: "in the search",
    POSTERIOR: "by the model of the search",
    REPEATS: "after the repeats",
    FULL_TRAINING: "after the full training",
}
"""Where a rank was reached, by the name of the stage."""


def show_choice(final: Final) -> Sequence[str]:
    """What is said of the choice in a terminal."""
    chosen, able = final.chosen, [one for one in final.finalists if one.architecture.id not in final.failed]
    id_, trainings = chosen.architecture.id, len(next(iter(chosen.seeds.values()), ()))
    sure = how_sure(id_, final.probabilities, able=len(able), trainings=trainings)
    return [text for text in (sure, ranks_of(id_, final.order), _gain(final)) if text]


def _gain(final: Final) -> str:
    """What is handed over in place of the selected network, at what cost, and how much better it is."""
    other, tested = final.replacement, final.tested
    if other is None:
        return ""
    before, after = (other.single, other.val) if tested is None else (tested.single, tested.metrics)
    known = [name for part in ("test", "val") for name in measured_in(after, part) if name in before]
    cost = f"handed over: {handed_over(other)}, {counted(other.params, 'parameter')}, {counted(other.macs, 'MAC')}"
    gains = (
        f"{name} {show_metric(name, after[name])} (the selected network alone: {show_metric(name, before[name])})"
        for name in known[:1]
    )
    return "; ".join([cost, *gains])


def handed_over(replacement: Replacement | None) -> str:
    """What is handed over: `the selected network`, or what is in its place."""
    if replacement is None:
        return "the selected network"
    if replacement.what == "joined":
        return "the network trained on all samples"
    members = {"seeds": "trainings", "finalists": "finalists"}[replacement.what]
    return f"the ensemble of {replacement.members} {members}"


def heading_of(replacement: Replacement | None) -> str:
    """What is handed over, as a title: `The selected network`."""
    text = handed_over(replacement)
    return f"{text[0].upper()}{text[1:]}"


def how_sure(chosen: str, probabilities: Mapping[str, float], *, able: int, trainings: int) -> str:
    """How probable it is that the selected network is the best finalist; empty: it is the only one.

    Args:
        chosen: its id.
        probabilities: of each finalist, by id; empty: not known.
        able: the number of finalists that could be selected.
        trainings: the number of trainings of each.
    """
    if able < 2:
        return ""
    if chosen not in probabilities:
        return (
            f"the probability that this is the best of {able} finalists is not known: it takes several trainings of "
            "each (final.seeds)"
        )
    shown = show_percent(probabilities[chosen], decimals=0)
    return (
        f"the best of {able} finalists with a probability of {shown} (bootstrap over {counted(trainings, 'training')} "
        "of each, on the validation data)"
    )


def ranks_of(chosen: str, order: Sequence[Stage]) -> str:
    """`rank 3 in the search and 1 after the full training`; empty: it is not known."""
    known = [(stage.ranks[chosen], REACHED[stage.name]) for stage in order if chosen in stage.ranks]
    return "rank " + listed(f"{show_count(rank)} {where}" for rank, where in known) if known else ""
