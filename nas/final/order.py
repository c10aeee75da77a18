"""How the order of the finalists changes from stage to stage of a run. Importing this does not load torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import TypeAdapter, ValidationError

from nas.errors import IntegrityError
from nas.final.winner import Winner, winners
from nas.trial import Trial

Name = Literal["search", "posterior", "repeats", "full training"]
"""The names of the stages."""

SEARCH: Final = "search"
POSTERIOR: Final = "posterior"
REPEATS: Final = "repeats"
FULL_TRAINING: Final = "full training"


@dataclass(frozen=True)
class Stage:
    """The order of the finalists at a stage of a run.

    Attributes:
        name: `search`: by observed scores, `posterior` or `repeats`: by what selected the finalists, if that was
            something else, or `full training`.
        ranks: from 1, the best, by id. In the search, ranks are those among all of its networks. Finalists that cannot
            be selected after their full training have none there.
    """

    name: Name
    ranks: Mapping[str, int]


_STAGES: TypeAdapter[tuple[Stage, ...]] = TypeAdapter(tuple[Stage, ...])


def searched_order(trials: Sequence[Trial], candidates: Sequence[Trial], *, how: Winner) -> tuple[Stage, ...]:
    """The stages before the full training.

    Args:
        trials: all of the search.
        candidates: the networks that it selected, best first.
        how: by what it selected them.
    """
    ids = [trial.architecture.id for trial in candidates]
    everywhere = {one.architecture.id: rank for rank, one in enumerate(winners(trials, len(trials)), start=1)}
    found = [Stage(SEARCH, {id_: everywhere[id_] for id_ in ids if id_ in everywhere})]
    if how != "observed":
        found.append(
            Stage(POSTERIOR if how == "posterior" else REPEATS, {id_: rank for rank, id_ in enumerate(ids, start=1)})
        )
    return tuple(found)


def plain_order(stages: Sequence[Stage]) -> Sequence[Mapping[str, Any]]:
    """Stages as plain data."""
    return [{"stage": stage.name, "ranks": dict(stage.ranks)} for stage in stages]


def order_of(record: Sequence[Mapping[str, Any]]) -> tuple[Stage, ...]:
    """What `plain_order` returned, also after JSON. Raises IntegrityError if the record is of another form."""
    try:
        return _STAGES.validate_python([{"name": one["stage"], "ranks": one["ranks"]} for one in record])
    except (LookupError, TypeError, ValidationError) as error:
        raise IntegrityError(f"the order of the finalists has another form: {error}") from error
