"""Run files: everything that one search needs, as one declaration.

    space: ../search_spaces/digits_cnn.yaml
    data: digits
    controller: {q_learning: {alpha: 0.1}}
    evaluator: {train: {epochs: 5}}
    budget: {trials: 60}

Keys, defaults, the JSON schema, the `config.yaml` of a run, what it belongs to, and the tables of docs/run_files.md
follow from `RunConfig`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from nas.arguments import Positive, Seed, Threads, checked
from nas.controllers import CONTROLLERS, Controller
from nas.data import DATASETS, Dataset
from nas.document import Node, from_object, read_document
from nas.errors import Mark, Problem
from nas.evaluate import EVALUATORS, Evaluator
from nas.final.winner import Winner, repeats_of
from nas.manifest import MANIFEST
from nas.settings import (
    HIDDEN,
    IDENTITY,
    INLINE,
    Code,
    Draft,
    ExistingFile,
    Keyed,
    Named,
    OneWord,
    Registry,
    Setting,
    read_file,
)
from nas.space.reading.aliases import nearest
from nas.tasks import AUTO, TASKS, Classification
from nas.training import Device, Precision, Recipe
from nas.training.recipe import FULL_LENGTH
from nas.trial import Objective

CONFIG = "config.yaml"
"""The run file in the folder of a run, with what was recorded."""

PARTS: tuple[Registry[Any], ...] = (DATASETS, CONTROLLERS, EVALUATORS)
"""What run files can name."""


@checked
@dataclass(frozen=True)
class RunBudget:
    """How much may be spent.

    Attributes:
        trials: how many architectures to evaluate.
    """

    trials: Positive = 100


@checked
@dataclass(frozen=True)
class FinalStage:
    """How the search ends: with trainings at full length.

    Attributes:
        top: how many of the best are trained at full length.
        recipe: how these are trained.
    """

    top: Positive = 3
    recipe: Annotated[Recipe, INLINE] = FULL_LENGTH


@checked
@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """A run file: everything that one search needs.

    Attributes:
        name: of the run; its folder is `runs/<name>`.
        space: path of the space file.
        data: the data set: a name, or `{name: settings}`.
        controller: what proposes architectures, likewise.
        evaluator: what scores them, likewise.
        task: what the networks are trained to do; `auto`: what the targets of the data set show.
        objectives: what to search for, the most important first. `{}`: that of the task, `{val_acc: maximize}` for
            classification, `{val_rmse: minimize}` for regression.
        budget: how much may be spent.
        winner: how the best are found: by their scores (`observed`), by a model of them (`posterior`), or by repeats at
            the end of the budget (`repeat`).
        final: how many of the best are trained at full length, and how.
        seed: where all randomness comes from.
        device: where networks are trained: `auto`, `cpu` or `cuda`; `auto` takes CUDA where there is a device.
        precision: of their forward passes: `auto`, `float32`, `bfloat16` or `float16`.
        threads: how many threads torch uses on the CPU; `null`: torch's default. Results repeat for the same number.
        recorded: what a finished run wrote down about itself; empty in a file written by hand.
        mark: where the file begins.
    """

    name: Annotated[str, OneWord(of_file=True)] = ""
    space: Annotated[Path, ExistingFile()]
    data: Setting[Dataset]
    controller: Annotated[Setting[Controller], IDENTITY] = Setting.of(CONTROLLERS, "bayesian_q")
    evaluator: Annotated[Setting[Evaluator], IDENTITY] = Setting.of(EVALUATORS, "train")
    task: Annotated[str, Named((AUTO, *TASKS))] = AUTO
    objectives: Annotated[tuple[Objective, ...], Keyed("metric", short="direction", optional=True), IDENTITY] = ()
    budget: RunBudget = RunBudget()
    winner: Winner = "observed"
    final: FinalStage = FinalStage()
    seed: Annotated[Seed, IDENTITY] = 0
    device: Device = "auto"
    precision: Precision = "auto"
    threads: Annotated[Threads | None, IDENTITY] = None
    recorded: Annotated[Mapping[str, Any], HIDDEN] = field(default_factory=dict)
    mark: Mark = field(default=Mark(""), compare=False)

    @property
    def proposed(self) -> int:
        """How many of the trials the controller proposes; the others repeat the best."""
        trials = self.budget.trials
        return trials - repeats_of(trials) if self.winner == "repeat" else trials

    @property
    def codes(self) -> Sequence[Code]:
        """The code of the user's own that the run file names."""
        return [*self.data.codes(), *self.controller.codes(), *self.evaluator.codes()]

    def misfits(self, node: Node) -> Iterator[Problem]:
        """Objectives that the evaluator does not report."""
        known = metrics_of(self.evaluator)
        if self.task in TASKS:
            having = {f"val_{name}" for name in TASKS[self.task].metrics}
            known = [name for name in known if name in having or not name.startswith("val_")]
        for one in self.objectives if known else ():
            if one.metric not in known:
                message = f"the evaluator reports no {one.metric!r}"
                mark = node.at(("objectives",)).keys.get(one.metric, node.mark)
                path = f"objectives.{one.metric}"
                yield Problem(mark, path, message, ", ".join(known), "", nearest(one.metric, known))


def metrics_of(evaluator: Setting[Evaluator]) -> Sequence[str]:
    """The metrics that an evaluator says it reports; none where it does not say."""
    if isinstance(evaluator.maker, Code) and not evaluator.maker.trusted:
        return ()
    found: Sequence[str] = getattr(evaluator.factory, "metrics", ())
    return found


@checked
def load_config(path: str | Path, overrides: Sequence[str] = (), *, allow_code: bool = False) -> RunConfig:
    """The run file at `path`, with `key=value` overrides such as `budget.trials=20` or `controller=random`.

    An override of one objective goes to those of the file, or to the default one: `objectives.params=minimize` adds
    `params`, and `objectives={params: minimize}` puts it in their place.

    Args:
        path: the file.
        overrides: what replaces its values.
        allow_code: import code of your own also if the file is the `config.yaml` of a run. Of a file of your own it is
            imported always.

    Raises:
        SpecError: the file or an override has problems; all of them are reported.
        UsageError: there is no such file.
    """
    return read_config(path, overrides, allow_code=allow_code).whole()


def read_config(path: str | Path, overrides: Sequence[str] = (), *, allow_code: bool = False) -> Draft[RunConfig]:
    """What `load_config` gives, with the problems beside it. Raises what `load_config` does if it is no mapping."""
    node, file = read_document(Path(path)), Path(path)
    if any(text.startswith("objectives.") for text in overrides):
        node = _with_objectives(node)
    stored = None if allow_code else _hashes(node, file)
    return read_file(RunConfig, node, file, PARTS, overrides=overrides, stored=stored)


def _with_objectives(node: Node) -> Node:
    """The file with the objective that it has by default, if it says none."""
    if not isinstance(node.value, dict):
        return node
    task = TASKS.get(str(node.at(("task",)).plain()), Classification)
    default = from_object({task.objective.metric: task.objective.direction}, node.mark.file)
    return Node({"objectives": default, **node.value}, node.mark, node.keys)


def _hashes(node: Node, file: Path) -> Mapping[str, str] | None:
    """The hashes of code that a run recorded; None for a file that no run wrote."""
    found = node.at(("recorded", "code")).plain()
    if isinstance(node.value, dict) and "recorded" in node.value:
        return found if isinstance(found, dict) else {}
    return {} if file.name == CONFIG and (file.parent / MANIFEST).exists() else None
