"""Run files: everything that a search needs, declared once.

    space: ../search_spaces/digits_cnn.yaml
    data: digits
    controller: {q_learning: {alpha: 0.1}}
    evaluator: {train: {epochs: 5}}
    budget: {trials: 60}

Keys, defaults, the JSON schema, the `config.yaml` of a run, its identity, and the tables of docs/run_files.md follow
from `RunConfig`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from nas.arguments import NotNegative, Positive, Seed, checked
from nas.controllers import CONTROLLERS, Controller
from nas.document import Node, Places, from_object, read_document
from nas.driver.budget import DEFAULT_BUDGET, SearchBudget
from nas.driver.executors.executor import Platform
from nas.driver.executors.named import EXECUTORS
from nas.driver.executors.resources import DEFAULT_LIMITS, EvaluationLimits, WorkerCount
from nas.driver.loop import Order
from nas.evaluate import evaluation
from nas.evaluate.evaluation import Evaluation
from nas.final.last_step import Ensemble
from nas.final.winner import Count, Winner, repeats_after, repeats_of, without_repeats
from nas.manifest import MANIFEST
from nas.settings import (
    HIDDEN,
    IDENTITY,
    INLINE,
    Code,
    Draft,
    OneWord,
    Override,
    Registry,
    Setting,
    read_file,
)
from nas.tasks import TASKS, Classification
from nas.training import Recipe
from nas.training.recipe import FULL_LENGTH
from nas.training.recipes import NAMED_RECIPES

CONFIG = "config.yaml"
"""The run file in the folder of a run, which also records versions, sizes and hashes."""

PARTS: tuple[Registry[Any], ...] = (*evaluation.PARTS, CONTROLLERS, EXECUTORS)
"""The registries whose entries a run file can name."""


@checked
@dataclass(frozen=True)
class FinalStage:
    """The final stage of a run: the best architectures are trained in full, and one of them is selected.

    Attributes:
        top: number of finalists; with several objectives also `front`: all networks of the Pareto front.
        seeds: number of trainings of each finalist, with different seeds. Finalists are compared by the means of their
            metrics. The network of the first training is exported and tested, so that none is selected by luck.
        join: whether the selected network is trained once more, on the training and the validation samples together,
            with all epochs of the recipe. That network is exported and tested; thresholds of labels are tuned before.
        ensemble: several networks that are exported and tested as one, whose prediction is the mean of theirs: `seeds`:
            those of all trainings of the selected network; `finalists`: that of the selected network and the other
            finalists within the limits, each by its first training. Limits hold for each of them. `none`: there is one
            network.
        tune: the number of trainings of the best candidate with proposed hyper-parameters of the recipe (learning rate,
            weight decay, warm-up, and label smoothing where the loss has it). Finalists are trained with those that are
            best on validation data. 0: the recipe is as it is.
        recipe: how finalists are trained.
    """

    top: Count = 3
    seeds: Positive = 1
    join: bool = False
    ensemble: Ensemble = "none"
    tune: NotNegative = 0
    recipe: Annotated[Recipe, INLINE, NAMED_RECIPES] = FULL_LENGTH


@checked
@dataclass(frozen=True, kw_only=True)
class RunConfig(Evaluation):
    """A run file: everything that a search needs.

    Attributes:
        name: name of the run; its folder is `runs/<name>`.
        controller: the controller, which proposes architectures: a name, or `{name: settings}`.
        budget: the budget of the search, which ends with the first part that is spent or met.
        executor: where architectures are evaluated, a name, or `{name: settings}`: on this machine (`local`), or on the
            nodes of a Ray cluster (`ray`). Results do not depend on it.
        workers: the number of worker processes that evaluate architectures; `auto`: one for each CPU core, but at most
            4 for each CUDA device that they compute on; on a cluster, as many as it has room for. `in_process`: the
            process of the search evaluates, one architecture at a time. Results do not depend on it.
        window: the number of proposals in flight: trial n is proposed when all trials up to n - window are known. More
            workers than that are of no use.
        order: `number`: the controller learns of trials in the order of their numbers. `free`: as soon as they are
            finished, so that no worker waits, and results depend on how long evaluations take.
        limits: what an evaluation in a worker may use.
        cache: a folder of results that searches share, relative to this file: what was evaluated once, with the same
            data, settings, seed and versions on the same kind of machine, is not evaluated again. `null`: none.
        winner: how finalists are selected: by their observed scores (`observed`), by a model of the scores
            (`posterior`), or by repeated trainings at the end of the budget (`repeat`).
        final: the final stage.
        baseline: `auto`: once the search has ended, a classical method that suits the data, and the best prediction
            that ignores the inputs, are measured by the same metrics as the networks, for the report. `none`: they are
            not. The search does not depend on it.
        seed: seed of all random numbers.
        recorded: what a run recorded about itself; empty in a file that a user wrote.
        places: of its keys.
    """

    name: Annotated[str, OneWord(of_file=True)] = ""
    controller: Annotated[Setting[Controller], IDENTITY] = Setting.of(CONTROLLERS, "bayesian_q")
    budget: SearchBudget = DEFAULT_BUDGET
    executor: Setting[Platform] = Setting.of(EXECUTORS, "local")
    workers: WorkerCount = "auto"
    window: Annotated[Positive, IDENTITY] = 2
    order: Annotated[Order, IDENTITY] = "number"
    limits: EvaluationLimits = DEFAULT_LIMITS
    cache: Path | None = None
    winner: Winner = "observed"
    final: FinalStage = FinalStage()
    baseline: Literal["auto", "none"] = "auto"
    seed: Annotated[Seed, IDENTITY] = 0
    recorded: Annotated[Mapping[str, Any], HIDDEN] = field(default_factory=dict)
    places: Places = field(default=Places(), compare=False)

    @property
    def proposing(self) -> SearchBudget:
        """The part of the budget for proposals of the controller; the rest is for repeats of the best."""
        if self.winner != "repeat":
            return self.budget
        trials, epochs, minutes = self.budget.trials, self.budget.epochs, self.budget.minutes
        return replace(
            self.budget,
            trials=None if trials is None else trials - repeats_of(trials),
            epochs=None if epochs is None else epochs - repeats_of(epochs),
            minutes=None if minutes is None else without_repeats(minutes),
        )

    def repeating(self, stopped_after: int | None) -> SearchBudget:
        """The budget of proposals and repeats of the best together.

        Args:
            stopped_after: the number of proposals after which patience or the target ended them: then there are no more
                repeats than are due for so many. None: something else did.
        """
        budget = replace(self.budget, patience=None, target=None)
        if stopped_after is None:
            return budget
        total = stopped_after + repeats_after(stopped_after)
        return replace(budget, trials=min(total, budget.trials or total))

    @property
    def codes(self) -> Sequence[Code]:
        """The user's own code that the run file names."""
        return [*self.data.codes(), *self.controller.codes(), *self.evaluator.codes(), *self.executor.codes()]


@checked
def load_config(path: str | Path, overrides: Sequence[str] = (), *, allow_code: bool = False) -> RunConfig:
    """The run file at `path`, with `key=value` overrides such as `budget.trials=20` or `controller=random`.

    `objectives.params=minimize` adds an objective to those of the file, or to the default one.
    `objectives={params: minimize}` replaces them.

    Args:
        path: the file.
        overrides: values in place of those of the file.
        allow_code: import the code that the `config.yaml` of a run names. The code that a user's own file names is
            always imported.

    Raises:
        SpecError: the file or an override has problems; all of them are reported.
        UsageError: there is no such file.
    """
    return read_config(path, overrides, allow_code=allow_code).whole()


def read_config(
    path: str | Path, overrides: Sequence[str | Override] = (), *, allow_code: bool = False
) -> Draft[RunConfig]:
    """The run file as far as it can be read, with its problems. Raises SpecError or UsageError if it cannot be."""
    node, file = read_document(Path(path)), Path(path)
    if any(isinstance(text, str) and text.startswith("objectives.") for text in overrides):
        node = _with_objectives(node)
    stored = None if allow_code else _hashes(node, file)
    return read_file(RunConfig, node, file, PARTS, overrides=overrides, stored=stored)


def _with_objectives(node: Node) -> Node:
    """The file with its default objective written out, if it has none."""
    if not isinstance(node.value, dict):
        return node
    task = TASKS.get(str(node.at(("task",)).plain()), Classification)
    default = from_object({task.objective.metric: task.objective.direction}, node.mark.file)
    return Node({"objectives": default, **node.value}, node.mark, node.keys)


def _hashes(node: Node, file: Path) -> Mapping[str, str] | None:
    """The hashes of code that a run recorded; None for a file that a user wrote."""
    found = node.at(("recorded", "code")).plain()
    if isinstance(node.value, dict) and "recorded" in node.value:
        return found if isinstance(found, dict) else {}
    return {} if file.name == CONFIG and (file.parent / MANIFEST).exists() else None
