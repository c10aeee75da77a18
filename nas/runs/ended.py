"""Why the search of a run ended, for its report: a record that is written when the search ends."""

from dataclasses import asdict, dataclass

from nas.driver.accounts import End
from nas.manifest import Manifest
from nas.runs.folder import ENDED


@dataclass(frozen=True)
class Ended:
    """The end of a search.

    Attributes:
        end: why it ended.
        trials: how many there were.
        proposals: how many of them the controller proposed; the others are repeats of the best.
    """

    end: End
    trials: int
    proposals: int


def keep_ended(manifest: Manifest, ended: Ended) -> None:
    """Writes why the search ended. Raises StorageError."""
    manifest.write_record(ENDED, {**asdict(ended.end), "trials": ended.trials, "proposals": ended.proposals})


def kept_ended(manifest: Manifest, trials: int) -> Ended | None:
    """What `keep_ended` wrote; None if it did not, or if the search went on: it has this number of trials now.

    Raises:
        Damaged: the file is corrupt.
        StorageError: it cannot be read.
    """
    if ENDED not in manifest:
        return None
    stored = manifest.read_record(ENDED)
    if stored["trials"] != trials:
        return None
    return Ended(End(stored["by"], stored["text"]), trials, stored["proposals"])
