"""A search takes place in one space: what takes part in it must agree about which."""

from collections.abc import Iterable
from itertools import islice

from nas.errors import UsageError
from nas.space import Space
from nas.trial import Trial


def check_spaces(trials: Iterable[Trial] = (), **taking_part: object) -> None:
    """Checks that what takes part in a search is about one space, as far as it says which.

    Args:
        trials: those that it begins with; the first one is looked at.
        taking_part: what has a `space`, or is one, by its name in messages.

    Raises:
        UsageError: two of them are about different spaces, or the trial is one of another space.
    """
    found: dict[str, Space] = {}
    for name, one in taking_part.items():
        space = one if isinstance(one, Space) else getattr(one, "space", None)
        if isinstance(space, Space):
            found[name] = space
    for name, space in found.items():
        first = next(iter(found))
        if space is not found[first] and space.fingerprint != found[first].fingerprint:
            raise UsageError(
                f"the {first} searches the space {found[first].name!r}, and the {name} is about another one, "
                f"{space.name!r}"
            )
    if not found:
        return
    space = next(iter(found.values()))
    for trial in islice(trials, 1):
        try:
            space.rebuild(dict(trial.architecture.choices))
        except UsageError as error:
            raise UsageError(
                f"trial {trial.number} of the study is of another space than {space.name!r}: {error}"
            ) from error
