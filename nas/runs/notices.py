"""What a run says in words: what it searches for, on which data, what exists already, and why it ends."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from nas.data import Dataset
from nas.evaluate.space_of import space_of
from nas.objectives import show_objectives
from nas.runs.config import RunConfig
from nas.runs.prepare import followed
from nas.tasks import named_outputs
from nas.trial import Trial

MOST_CAUSES = 10
"""Causes of failure that are listed."""


def aims(config: RunConfig) -> str:
    """The objectives, and which of them the controller reads."""
    text = f"{config.name}: searching for {show_objectives(config.objectives)}"
    count = followed(config)
    if count == len(config.objectives):
        return text
    read = ", ".join(objective.metric for objective in config.objectives[:count])
    return f"{text}; {config.controller.name} reads {read} only"


def samples(data: Dataset) -> str:
    """The data set, its parts and its task."""
    test = f", {len(data.test):,} test" if data.test else ""
    parts = f"{len(data.train):,} training, {len(data.val):,} validation{test} samples"
    return f"{data.name}: {parts}; {data.task.name}, {named_outputs(data.task, data.outputs)}"


def notes(config: RunConfig, data: Dataset) -> Sequence[str]:
    """How the data were read, and which space was chosen for them; `config` is as the user wrote it."""
    chosen = space_of(config.space, data).why
    return [*data.notes, *([chosen] if chosen else [])]


def resumed(folder: Path, trials: int, budget: int | None) -> str:
    """How many trials a folder holds, for a number that may be smaller; None: their number is not limited."""
    if budget is None:
        return f"{folder} holds {trials} trials already"
    removed = f"; a budget of {budget} removes none" if budget < trials else ""
    return f"{folder} holds {trials} of {max(budget, trials)} trials already{removed}"


def causes(trials: Sequence[Trial]) -> str:
    """Why all trials failed, the most frequent cause first."""
    counts = Counter(str(trial.error) for trial in trials)
    lines = [f"  {count:5} × {error}" for error, count in counts.most_common(MOST_CAUSES)]
    return "\n".join([f"all {len(trials)} trials failed:", *lines])
