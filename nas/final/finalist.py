"""Finalists, and what came of the final stage. Importing this does not load torch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from nas.arguments import checked
from nas.data.intake import Intake
from nas.final.figures import Figure, data_of, figures, final_metrics, searched_metrics
from nas.final.on_test import OnTest
from nas.final.order import Stage
from nas.final.replacement import Replacement
from nas.objectives import fronts
from nas.space import Architecture
from nas.tasks import Task
from nas.trial import Objective, Trial

if TYPE_CHECKING:
    from nas.model import Network


@checked
@dataclass(frozen=True)
class Finalist:
    """An architecture trained at full length.

    Attributes:
        architecture: the architecture.
        trial: number of the trial that proposed it; None if it does not come from a search.
        searched: the metrics of the objectives in that trial.
        metrics: `train_loss` and the validation metrics of the last epoch, `params`, `macs`, and other objectives with
            their values in the trial (`nas.final.figures.final_metrics`).
        curves: `train_loss` and the validation metrics after each epoch. If it was trained several times, these and
            the metrics are means.
        seconds: duration of the training, or of all trainings.
        load: returns the trained network, that of the first training.
        spread: the standard deviations of the metrics over several trainings, such as `val_acc_sd`; empty: it was
            trained once.
        seeds: the metrics at the end of each of several trainings, by name, in the order of the trainings; empty: it
            was trained once, or by an earlier version.
        others: return the networks of the further trainings; empty: as for `seeds`.
        privacy: what the training of `network` spent, by name: `epsilon`, `delta` and the `noise_multiplier`; empty: it
            was not private.
    """

    architecture: Architecture
    trial: int | None
    searched: Mapping[str, float]
    metrics: Mapping[str, float]
    curves: Mapping[str, tuple[float, ...]]
    seconds: float
    load: Callable[[], Any] = field(repr=False, compare=False)
    spread: Mapping[str, float] = field(default_factory=dict)
    seeds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    others: Sequence[Callable[[], Any]] = field(default=(), repr=False, compare=False)
    privacy: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def network(self) -> "Network":
        """The trained network, on the CPU and in evaluation mode. That of a run is read from its folder when it is
        first asked for, with the errors of `Manifest.read`."""
        network: Network = self.load()
        return network

    @property
    def own(self) -> Mapping[str, float]:
        """The metrics of `network` on the validation data; empty: an earlier version recorded means alone."""
        each = self.seeds or ({} if self.spread else self.curves)
        place = 0 if self.seeds else -1
        return {name: values[place] for name, values in each.items() if data_of(name) == "validation"}

    @property
    def networks(self) -> "Sequence[Network]":
        """The networks of all trainings that were kept, likewise."""
        return self.network, *(load() for load in self.others)


@checked
@dataclass(frozen=True)
class Final:
    """The result of the final stage.

    Attributes:
        chosen: the selected finalist.
        finalists: all networks that were trained, in the order of the search's ranking.
        failed: the networks that cannot be selected, by id, with the reason: their training failed, or they exceed a
            limit after it.
        tested: what was measured on the test data; None if there are none.
        task: the task of the networks, with the names of their outputs, tuned to the selected one (`Task.tuned`).
        objectives: the objectives by which finalists were compared.
        intake: how the data set takes in samples.
        probabilities: how probable it is, by id, that a finalist is the best of those that can be selected
            (`nas.final.selection.probabilities_of_best`); empty: it is not known, as they were trained once.
        order: of the finalists, at each stage of the run.
        replacement: what is handed over in place of the selected network; None: nothing else.
        load: returns the network that is handed over; None: it is the selected one.
    """

    chosen: Finalist
    finalists: Sequence[Finalist]
    failed: Mapping[str, str]
    tested: OnTest | None
    task: Task
    objectives: tuple[Objective, ...]
    intake: Intake
    probabilities: Mapping[str, float] = field(default_factory=dict)
    order: tuple[Stage, ...] = ()
    replacement: Replacement | None = None
    load: Callable[[], Any] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def network(self) -> "Network":
        """The network that is handed over, on the CPU and in evaluation mode, with the errors of `Finalist.network`."""
        network: Network = self.chosen.network if self.load is None else self.load()
        return network

    @property
    def test(self) -> Mapping[str, float] | None:
        """Metrics of the network that is handed over on the test data, such as `test_acc`; None if there are none."""
        return None if self.tested is None else self.tested.metrics

    @property
    def front(self) -> Sequence[Finalist]:
        """The Pareto front of the finalists within the limits, sorted by the first objective."""
        valid = [finalist for finalist in self.finalists if finalist.architecture.id not in self.failed]
        scores = [[objective.score(finalist.metrics) for objective in self.objectives] for finalist in valid]
        return [valid[place] for place in next(fronts(scores), ())]

    @property
    def figures(self) -> Sequence[Figure]:
        """The reported figures of the selected network, each with the data on which it was measured."""
        chosen = self.chosen
        return figures(chosen.metrics, self.tested, self.objectives, spread=chosen.spread, seeds=chosen.seeds)


def final_seed(seed: int, trial: int) -> int:
    """The seed of a finalist's training, from that of the run and the number of its trial: 32 bits that differ from
    those of the trial."""
    return int(np.random.SeedSequence([seed, trial, 2]).generate_state(1)[0])


def weights_of(arch: Architecture, training: int = 0) -> str:
    """The name of the file with the weights of a finalist, after one of its trainings, counting from 0."""
    return f"{arch.id}.safetensors" if training == 0 else f"{arch.id}-{training + 1}.safetensors"


def joined_weights_of(arch: Architecture) -> str:
    """The name of the file with the weights of a finalist that was trained on training and validation samples."""
    return f"{arch.id}-joined.safetensors"


def finalist_of(
    trial: Trial,
    load: Callable[[], "Network"],
    curves: Mapping[str, tuple[float, ...]],
    seconds: float,
    *,
    objectives: Sequence[Objective],
    spread: Mapping[str, float] | None = None,
    seeds: Mapping[str, tuple[float, ...]] | None = None,
    others: Sequence[Callable[[], "Network"]] = (),
    privacy: Mapping[str, float] | None = None,
) -> Finalist:
    """The record of a full training of a trial's architecture."""
    searched, metrics = searched_metrics(trial, objectives), final_metrics(trial, curves, objectives)
    return Finalist(
        trial.architecture,
        trial.number,
        searched,
        metrics,
        curves,
        seconds,
        load,
        spread or {},
        seeds or {},
        others,
        privacy or {},
    )
