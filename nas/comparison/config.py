"""Comparison files, as one declaration: the controllers, the problems, the budget and the seeds.

    name: nasbench201
    controllers:
      random: random
      evolution: {regularized_evolution: {population: 20, tournament: 15}}
    problems:
      cifar10: {table: nasbench201-cifar10-200}
      digits: {space: digits_cnn.yaml, data: digits, evaluator: {train: {epochs: 5}}}
    budget: {evaluations: 200}
    seeds: 100

Keys, defaults, the JSON schema and the table of docs/compare.md are derived from `ComparisonConfig`.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from nas.arguments import Positive, Seed, checked
from nas.controllers import CONTROLLERS, Controller
from nas.document import Node, Places, from_object, read_document
from nas.driver.budget import Budget
from nas.driver.loop import Order
from nas.errors import Diagnostic, Mark
from nas.evaluate import evaluation
from nas.evaluate.evaluation import Evaluation
from nas.settings import (
    IDENTITY,
    IDENTITY_IF_SET,
    Counted,
    Labels,
    OneOf,
    OneWord,
    Override,
    Registry,
    Setting,
    read_file,
)
from nas.tabular import TABLES, Table

ALPHA = 0.05
"""The level of the tests for which a comparison must have enough seeds."""
MOST_SEEDS = 100_000
"""The largest number of seeds; more is a mistake, and the record lists all of them."""
Jobs = Annotated[int, Field(ge=1, le=1024)]
"""Number of processes."""
Workers = Annotated[int, Field(ge=1, le=10_000)]
"""Number of simulated workers; each gets a proposal before the first result is told."""
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]

PARTS: tuple[Registry[Any], ...] = (*evaluation.PARTS, CONTROLLERS, TABLES)
"""The registries of what a comparison file can name."""

SPENT = OneOf(
    {"evaluations": Positive, "epochs": Positive, "seconds": Seconds},
    make=Budget,
    parts=lambda budget: (budget.kind, budget.amount),
)


@checked
@dataclass(frozen=True, kw_only=True)
class TableProblem:
    """A problem whose results are in a table.

    Attributes:
        table: the table: a name from `nas table list`, `{name: settings}`, or a file, relative to this file.
    """

    table: Setting[Table]

    @property
    def mark(self) -> Mark:
        """Its place in the file."""
        return self.table.mark


@checked
@dataclass(frozen=True, kw_only=True)
class TrainingProblem(Evaluation):
    """A training as a problem: the optimum is unknown, and controllers are compared by the first objective."""

    @property
    def mark(self) -> Mark:
        """Its place in the file."""
        return self.data.mark


@checked
@dataclass(frozen=True, kw_only=True)
class ComparisonConfig:
    """A comparison file: controllers, problems, budget and seeds.

    Attributes:
        name: name of the comparison; its folder is `comparisons/<name>`.
        controllers: the controllers, by label: each a name, or `{name: settings}`.
        problems: the problems, by label: each a table, or a space with a data set.
        budget: the budget of each run: `evaluations`, `epochs` or `seconds`.
        seeds: the seeds of the runs of each controller on each problem: a list, or their number, counting from 0.
        workers: number of simulated workers of each run.
        order: `free`: the controller learns of evaluations as soon as they are finished. `number`: in the order of
            their numbers, as in a search whose `window` is the number of workers.
        charge_controller: whether the controller's own time is added to the simulated clock.
        cache: whether repeated architectures are answered from a cache, at no cost.
        delta: percentage points below the optimum within which a network counts as near-optimal.
        jobs: number of processes; `null`: all cores, or 1 if a problem trains.
        places: of its keys.
    """

    name: Annotated[str, OneWord(of_file=True)] = ""
    controllers: Annotated[Mapping[str, Setting[Controller]], Labels(), IDENTITY]
    problems: Annotated[Mapping[str, TableProblem | TrainingProblem], Labels()]
    budget: Annotated[Budget, SPENT, IDENTITY]
    seeds: Annotated[tuple[Seed, ...], Counted("seed", MOST_SEEDS)]
    workers: Annotated[Workers, IDENTITY] = 1
    order: Annotated[Order, IDENTITY_IF_SET] = "free"
    charge_controller: Annotated[bool, IDENTITY] = False
    cache: Annotated[bool, IDENTITY] = False
    delta: Annotated[float, Field(ge=0, le=100)] = 0.5
    jobs: Jobs | None = None
    places: Places = field(default=Places(), compare=False)

    def misfits(self, node: Node) -> Iterator[Diagnostic]:
        """Objectives that an evaluator does not report; too few seeds for a verdict on every pair of controllers."""
        for label, problem in (self.problems or {}).items():
            if isinstance(problem, TrainingProblem):
                yield from problem.misfits(node.at(("problems", label)), f"problems.{label}")
        if self.seeds and self.controllers and (message := self.too_few_seeds(families=1)):
            yield Diagnostic(
                node.at(("seeds",)).mark, "seeds", "too few seeds for the tests", message, str(len(self.seeds))
            )

    def too_few_seeds(self, families: int) -> str:
        """The number of seeds that is expected, if there are fewer.

        Args:
            families: how often each pair of controllers is tested: once for each problem if their units differ.
        """
        from nas.statistics.significance import pairs_needed

        controllers = len(self.controllers)
        pairs = math.comb(controllers, 2)
        if not pairs or len(self.seeds) >= (needed := pairs_needed(ALPHA / (pairs * families))):
            return ""
        which = "2 controllers" if pairs == 1 else f"the {pairs} pairs of {controllers} controllers"
        on = f" on {families} problems of different units" if families > 1 else ""
        return f"{needed} or more to compare {which}{on} at the level {ALPHA:g}"


@checked
def load_comparison(
    source: str | Path | Mapping[str, Any],
    overrides: Sequence[str | Override] = (),
    *,
    controllers: Mapping[str, Callable[..., Controller]] | None = None,
    tables: Mapping[str, Callable[..., Table]] | None = None,
) -> ComparisonConfig:
    """The comparison in a file, or in a mapping of the same form.

    Args:
        source: path of the file, or the mapping; its paths are then relative to the current folder.
        overrides: `key=value` such as `seeds=20`.
        controllers: your own controllers by name, in addition to those of `CONTROLLERS`.
        tables: functions that return your own tables, likewise.

    Raises:
        SpecError: the file has errors; all of them are reported.
        UsageError: there is no such file.
    """
    if isinstance(source, Mapping):
        node, path = from_object(source, "<comparison>"), Path("comparison")
    else:
        node, path = read_document(Path(source)), Path(source)
    own = (*evaluation.PARTS, CONTROLLERS.extended(controllers or {}), TABLES.extended(tables or {}))
    return read_file(ComparisonConfig, node, path, own, overrides=overrides).whole()


def is_comparison(node: Node) -> bool:
    """Whether a document is a comparison file, by its keys."""
    return isinstance(node.value, dict) and ("controllers" in node.value or "problems" in node.value)
