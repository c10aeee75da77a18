"""What `nas proxies` is asked for: a space with data, or a table, and a log that goes on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas.correlation.judged import ProxyComparison
from nas.correlation.proxies import compare_proxies, sought
from nas.data import Dataset
from nas.driver.executors.resources import WorkerCount
from nas.driver.study import Study
from nas.errors import UsageError
from nas.evaluate import Evaluator
from nas.evaluate.evaluation import make_data, make_evaluator
from nas.evaluate.evaluator import known_to
from nas.evaluate.options import evaluation_of
from nas.evaluate.space_of import load_for
from nas.events import OnEvent
from nas.settings import plain
from nas.space import Space
from nas.space.cover import cover
from nas.tabular import Table, load_table
from nas.training.device import Device, pick_device

NAME = "proxies"
"""The name of the study in its file."""


@dataclass(frozen=True)
class Asked:
    """What is compared.

    Attributes:
        evaluator: measures the quality.
        data: of the proxies.
        space: where networks are drawn.
        identity: what a stored log belongs to.
    """

    evaluator: Evaluator | Table
    data: Dataset | None
    space: Space
    identity: Mapping[str, Any]


def asked(
    space: Path | None, *, data: str | None, evaluator: str | None, table: str | None, path: Path | None, device: Device
) -> Asked:
    """What the options of the command name.

    Args:
        space: a space file; None with a table.
        data, evaluator: a name, or `{name: settings}`, as in a run file.
        table: a name of `nas table list`, or a file; None with a space.
        path: the published file of the table.
        device: where networks are trained.

    Raises:
        UsageError: the options do not fit together, or something that they name cannot be used (SpecError).
    """
    pick_device(device)
    if (space is None) == (table is None):
        raise UsageError("name either a space file or --table, whose space is then used")
    if table is not None:
        if evaluator is not None:
            raise UsageError("--evaluator measures networks of a space file; --table has their results")
        recorded = load_table(table, path=path)
        found = None if data is None else make_data(evaluation_of(None, data, None, device))
        if found is not None and found.shape != recorded.space.input:
            raise UsageError(f"the networks of {recorded.name} read {recorded.space.input}, the data are {found.shape}")
        identity = {"table": recorded.name, "space": recorded.space.fingerprint}
        return Asked(
            recorded, found, recorded.space, {**identity, "data": None if found is None else found.fingerprint}
        )
    if data is None:
        raise UsageError("a space file needs --data, such as --data digits, on which its networks are trained")
    evaluation = evaluation_of(space, data, evaluator, device)
    found = make_data(evaluation)
    loaded = load_for(evaluation.space, found)
    made = make_evaluator(evaluation, found, loaded)
    if (check := known_to(made, "check")) is not None:
        check(tuple(cover(loaded)))
    identity = {"space": loaded.fingerprint, "data": found.fingerprint, "evaluator": plain(evaluation.evaluator)}
    return Asked(made, found, loaded, identity)


def run_asked(
    what: Asked,
    *,
    trials: int,
    study: Path | None,
    seed: int,
    device: Device,
    workers: WorkerCount,
    on_event: OnEvent,
) -> ProxyComparison:
    """Evaluates a sample, going on with a stored one, and compares.

    Raises:
        IntegrityError: the file holds the networks of another comparison.
        StorageError: it cannot be read or written.
    """
    with _opened(what, study, seed) as log:
        return compare_proxies(
            what.evaluator,
            what.data,
            space=what.space,
            trials=trials,
            study=log,
            seed=seed,
            device=device,
            workers=workers,
            on_event=on_event,
        )


@contextmanager
def _opened(what: Asked, path: Path | None, seed: int) -> Iterator[Study | None]:
    if path is None:
        yield None
        return
    from nas.driver.optuna_study import OptunaStudy

    identity = {**what.identity, "seed": seed}
    objectives = (sought(what.evaluator),)
    opened = OptunaStudy.open(path, name=NAME, space=what.space, objectives=objectives, identity=identity, alone=True)
    with opened as study:
        yield study
