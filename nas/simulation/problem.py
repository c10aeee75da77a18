"""What controllers are compared on: a space, what scores its architectures, and what is known of them."""

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
    """What is known of an architecture beside what a search sees: id, row in its table, true quality, test accuracy."""

    id: str
    row: float
    truth: float
    test: float


@checked
@dataclass(frozen=True, eq=False)
class Problem:
    """A problem for controllers.

    Attributes:
        name: in the comparison.
        space: where to search.
        evaluator: what scores architectures.
        facts: what a report says of it, the optimum among it.
        truth: the true quality of an architecture, in the unit of the score; None: not known.
        unseen: the same of each of the trials of a search, in the order in which they were finished, without the
            recorded runs that the search had drawn by then, `(N,)`; NaN where none is left. None: as `truth`.
        row: the place of an architecture in its table; None: there is no table.
        test: its test accuracy, or None where that is not known; for reports only.
        epochs: the evaluator's full budget, for proposals that name none.
        recorded: the budgets in epochs that there are results for; empty: any.
        resumes: whether a training can be paused and go on; else one for more epochs is another training.
        measured: whether an evaluation without recorded seconds costs the time that it took here. Else it costs none,
            and a failed one as much as those before it on average.
        mean_seconds: what an evaluation costs on average; None: not known.
        fingerprint: differs where results may differ.
        objectives: what is searched for, the most important first; controllers are compared by it.
        proxies: what guesses without an evaluation how good an architecture is, by name.
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
        """The true quality of the best architecture; None where it is not known."""
        return self.facts.optimum

    def epochs_of(self, proposal: Proposal) -> int:
        """For how many epochs a proposal is trained, from the beginning on."""
        return self.epochs if proposal.epochs is None else proposal.epochs

    def known(self, arch: Architecture) -> Known:
        """Id, row, truth and test accuracy, NaN where these are not known; remembered."""
        found = self._known.get(arch.choices)
        if found is None:
            row = self.row(arch) if self.row is not None else np.nan
            truth = self.truth(arch) if self.truth is not None else np.nan
            test = self.test(arch) if self.test is not None else None
            found = self._known[arch.choices] = Known(arch.id, row, truth, np.nan if test is None else test)
        return found


@checked
def problem_of_table(table: Table, name: str = "") -> Problem:
    """The problem of finding the best architecture of a table, under the table's own name if none is given."""
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
    """The problem of finding the best architecture of a space by evaluating it here; what is best is not known.

    Args:
        name: in the comparison.
        space: where to search.
        data: what networks are trained on.
        evaluator: trains them; as `full_epochs` it says for how long, if it does.
        objectives: what is searched for, the most important first; None: the objective of the task of the data.
        device: where zero-cost proxies are computed.
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
