"""What may be handed over in place of the selected network: which networks, and at what cost.

Importing this does not load torch.
"""

from collections.abc import Sequence
from typing import Literal

from nas.errors import UsageError
from nas.final.finalist import Finalist
from nas.final.replacement import Replacement
from nas.training.recipe import Recipe

Ensemble = Literal["none", "seeds", "finalists"]
"""Which networks are handed over as an ensemble."""


def check_last_step(*, join: bool, ensemble: Ensemble, seeds: int, top: int | str, recipe: Recipe) -> None:
    """Raises UsageError if settings of the final stage do not go together."""
    if join and ensemble != "none":
        raise UsageError(
            f"ensemble {ensemble} and join do not go together: an ensemble is compared on validation samples"
        )
    if join and recipe.patience is not None:
        raise UsageError("join and patience do not go together: no validation samples are left to end it")
    if recipe.privacy is not None and (join or ensemble != "none"):
        given = "join" if join else f"ensemble {ensemble}"
        raise UsageError(f"{given} and privacy do not go together: what several trainings spend adds up")
    if ensemble == "seeds" and seeds == 1:
        raise UsageError("ensemble seeds takes several trainings of each finalist: seeds of 2 or more")
    if ensemble == "finalists" and top == 1:
        raise UsageError("ensemble finalists takes several finalists: top of 2 or more")


def ensembled(kind: Ensemble, chosen: Finalist, able: Sequence[Finalist]) -> Sequence[Finalist]:
    """The finalists in an ensemble, the selected one first, with one network each; for `seeds` once for each of its
    trainings.

    Args:
        kind: which networks.
        chosen: the selected finalist.
        able: all that could be selected.
    """
    if kind == "seeds":
        return [chosen] * (1 + len(chosen.others))
    return [chosen, *(one for one in able if one is not chosen)]


def cost_of(kind: Literal["seeds", "finalists"], members: Sequence[Finalist]) -> Replacement:
    """What an ensemble of these members is, without its metrics.

    Args:
        kind: which networks.
        members: of `ensembled`.
    """
    chosen = members[0]
    trainings = 1 + len(chosen.others)
    return Replacement(
        kind,
        len(members),
        sum(one.architecture.params for one in members),
        sum(one.architecture.macs for one in members),
        sum(one.seconds for one in members[1:]) / trainings,
        single=chosen.own,
    )
