"""Results of undamaged trials after a damaged one, which cannot remain in the log.

The search uses them when it reaches these trials again, so that a damaged trial costs one training.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from nas.evaluate.recalled import Measured
from nas.manifest import Manifest
from nas.runs.folder import SALVAGED

if TYPE_CHECKING:
    from nas.driver.stored_trial import StoredTrial


def keep_salvaged(manifest: Manifest, trials: Iterable["StoredTrial"]) -> None:
    """Writes the results of trials after a damaged one. Raises StorageError."""
    kept = [
        {"choices": one.choices, **{key: one.record[key] for key in ("epochs", "seed", "metrics")}}
        for one in trials
        if one.record["error"] is None
    ]
    manifest.write_record(SALVAGED, {"trials": kept})


def salvaged(manifest: Manifest) -> Sequence[Measured]:
    """The results that `keep_salvaged` wrote; none if it did not. Raises Damaged or StorageError."""
    from nas.driver.stored_trial import metrics_of

    if SALVAGED not in manifest:
        return ()
    trials = manifest.read_record(SALVAGED)["trials"]
    return [Measured(one["choices"], one["epochs"], one["seed"], metrics_of(one)) for one in trials]
