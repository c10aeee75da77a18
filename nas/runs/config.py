"""Run files: everything that one search needs, as one declaration.

    space: ../search_spaces/digits_cnn.yaml
    data: digits
    controller: {q_learning: {alpha: 0.1}}
    evaluator: {train: {epochs: 5}}
    budget: {trials: 60}

Keys, defaults, the JSON schema, the `config.yaml` of a run, what it belongs to, and the tables of docs/run_files.md
follow from `RunConfig`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from nas.arguments import Positive, Seed, checked
from nas.controllers import CONTROLLERS, Controller
from nas.document import Node, from_object, read_document
from nas.errors import Mark
from nas.evaluate import evaluation
from nas.evaluate.evaluation import Evaluation
from nas.final.winner import Winner, repeats_of
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

CONFIG = "config.yaml"
"""The run file in the folder of a run, with what was recorded."""

PARTS: tuple[Registry[Any], ...] = (*evaluation.PARTS, CONTROLLERS)
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
class RunConfig(Evaluation):
    """A run file: everything that one search needs.

    Attributes:
        name: of the run; its folder is `runs/<name>`.
        controller: what proposes architectures: a name, or `{name: settings}`.
        budget: how much may be spent.
        winner: how the best are found: by their scores (`observed`), by a model of them (`posterior`), or by repeats at
            the end of the budget (`repeat`).
        final: how many of the best are trained at full length, and how.
        seed: where all randomness comes from.
        recorded: what a finished run wrote down about itself; empty in a file written by hand.
        mark: where the file begins.
    """

    name: Annotated[str, OneWord(of_file=True)] = ""
    controller: Annotated[Setting[Controller], IDENTITY] = Setting.of(CONTROLLERS, "bayesian_q")
    budget: RunBudget = RunBudget()
    winner: Winner = "observed"
    final: FinalStage = FinalStage()
    seed: Annotated[Seed, IDENTITY] = 0
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


def read_config(
    path: str | Path, overrides: Sequence[str | Override] = (), *, allow_code: bool = False
) -> Draft[RunConfig]:
    """What `load_config` gives, with the problems beside it. Raises what `load_config` does if it is no mapping."""
    node, file = read_document(Path(path)), Path(path)
    if any(isinstance(text, str) and text.startswith("objectives.") for text in overrides):
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
