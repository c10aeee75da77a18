"""All samples of some inputs at once."""

from functools import reduce
from typing import Any, NamedTuple

from nas.data.inputs import Named, Seen, read_inputs
from nas.data.intake import Intake
from nas.data.raw import RawInputs
from nas.data.skipping import OnError


class Collected(NamedTuple):
    """Samples, and what is to be said of them."""

    names: list[str]
    raw: RawInputs
    notes: tuple[str, ...]


def collected(intake: Intake, given: Any, on_error: OnError = "stop", rows: int = 1000) -> Collected:
    """The samples, all of which are kept."""
    seen = Seen(on_error)
    batches = [*read_inputs(intake, given, seen, rows)]
    assert all(0 < len(batch) <= rows for batch in batches)
    whole = reduce(Named.joined, batches)
    seen.kept = len(whole)
    return Collected([*whole.names], whole.raw, seen.notes)
