"""Problems, on which controllers are compared: a space, an evaluator, and what is known about the architectures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np

from nas.arguments import checked
from nas.data import Dataset
from nas.evaluate import Evaluator, Proxy, make_proxies
from nas.evaluate.evaluation import full_epochs_of
from nas.files import sha256
from nas.objectives import Objectives, objectives_of
from nas.simulation.results import Floats, ProblemFacts
from nas.space import Architecture, Space
from nas.tabular import Table, Tabular
from nas.tabular.members import Choices
from nas.tabular.unseen import unseen
from nas.training.device import Device
from nas.trial import ACCURACY, Objective, Proposal, Trial


class Known(NamedTuple):
    """What a search is not told about an architecture: id, row of the table, true quality, test accuracy."""

    id: str
    row: float
    truth: float
    test: float


@checked
@dataclass(frozen=True, eq=False)
class Problem:
    """A problem for controllers.

    Attributes:
        name: its label in the comparison.
        space: the search space.
        evaluator: evaluates architectures.
        facts: its description in reports, with the optimum.
        truth: the true quality of an architecture, in the unit of the score; None: unknown.
        unseen: the true quality of the architectures of a search, `(N,)`, given its trials in the order of their
            completion: the mean over the recorded runs that the search had not drawn by then; NaN if none is left.
            None: as `truth`.
        row: the row of an architecture in the table; None: there is no table.
        test: the test accuracy of an architecture, None if unknown; for reports only.
        epochs: the full budget of the evaluator, for proposals without `epochs`.
        recorded: the budgets in epochs with recorded results; empty: all.
        resumes: whether a truncated training can be continued; else more epochs are a separate training.
        measured: whether evaluations are trainings, whose time is measured if they report none. Otherwise they take
            no time if none is recorded, and failed ones the mean time of those before.
        mean_seconds: the mean seconds of an evaluation; None: unknown.
        fingerprint: differs if results may differ.
        objectives: the objectives, the main one first; controllers are compared by the main one.
        proxies: zero-cost proxies by name.
    """

    name: str
    space: Space
    evaluator: Evaluator
    facts: ProblemFacts
    truth: Callable[[Architecture], float] | None = None
    unseen: Callable[[Sequence[Trial]], Floats] | None = None
    row: Callable[[Architecture], int] | None = None
    test: Callable[[Architecture], float | None] | None = None
    epochs: int = 1
    recorded: tuple[int, ...] = ()
    resumes: bool = True
    measured: bool = False
    mean_seconds: float | None = None
    fingerprint: str = ""
    objectives: tuple[Objective, ...] = (ACCURACY,)
    proxies: Mapping[str, Proxy] = field(default_factory=make_proxies, repr=False)
    _known: dict[Choices, Known] = field(default_factory=dict, repr=False)

    @property
    def optimum(self) -> float | None:
        """The true quality of the best architecture; None if unknown."""
        return self.facts.optimum

    def epochs_of(self, proposal: Proposal) -> int:
        """The epochs of the training of a proposal, from its beginning."""
        return self.epochs if proposal.epochs is None else proposal.epochs

    def known(self, arch: Architecture) -> Known:
        """Id, row, true quality and test accuracy of an architecture, NaN if unknown; cached."""
        found = self._known.get(arch.choices)
        if found is None:
            row = self.row(arch) if self.row is not None else np.nan
            truth = self.truth(arch) if self.truth is not None else np.nan
            test = self.test(arch) if self.test is not None else None
            found = self._known[arch.choices] = Known(arch.id, row, truth, np.nan if test is None else test)
        return found


@checked
def problem_of_table(table: Table, name: str = "") -> Problem:
    """The problem of finding the best architecture of a table; `name` defaults to that of the table."""
    name = name or table.name
    seconds = None if table.seconds is None else table.seconds[:, :, -1]
    arrays = (table.members.codes, table.val_acc, table.seconds, *table.extra.values())
    tabular = Tabular(table)
    content = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays if array is not None)
    return Problem(
        name=name,
        space=table.space,
        evaluator=tabular,
        facts=ProblemFacts(
            name=name,
            source=table.source or table.name,
            metric="val_acc",
            optimum=table.optimum,
            size=len(table),
            known=True,
            runs=(int(table.runs.min()), int(table.runs.max())),
        ),
        truth=table.truth,
        unseen=partial(unseen, tabular),
        row=table.row,
        test=table.test,
        epochs=table.epochs[-1],
        recorded=table.epochs,
        resumes=table.curves,
        mean_seconds=None if seconds is None or np.isnan(seconds).all() else float(np.nanmean(seconds)),
        fingerprint=sha256(f"{table.name} {table.epochs} {table.space.fingerprint}".encode() + content),
    )


@checked
def problem_of_training(
    name: str,
    space: Space,
    data: Dataset,
    evaluator: Evaluator,
    *,
    objectives: Objectives | None = None,
    device: Device = "auto",
) -> Problem:
    """The problem of finding the best architecture of a space by training; the optimum is unknown.

    Args:
        name: its label in the comparison.
        space: the search space.
        data: the data set.
        evaluator: trains the networks; its `full_epochs`, if it has them, are the full budget.
        objectives: the objectives, the main one first; None: the default objective of the task of the data.
        device: the device on which zero-cost proxies are computed.
    """
    epochs = full_epochs_of(evaluator) or 1
    wanted = (data.task.objective,) if objectives is None else objectives_of(objectives)
    return Problem(
        name=name,
        space=space,
        evaluator=evaluator,
        facts=ProblemFacts(
            name=name,
            source=f"evaluated here, {epochs} epochs on {data.name}, {len(data.train)} samples",
            metric=wanted[0].metric,
            optimum=None,
            size=space.counted,
            known=False,
        ),
        epochs=epochs,
        objectives=wanted,
        measured=True,
        fingerprint=sha256(f"{space.fingerprint} {data.fingerprint}".encode()),
        proxies=make_proxies(data, device=device),
    )
