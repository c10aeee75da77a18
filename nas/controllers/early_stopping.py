"""Early stopping by the extrapolation of learning curves: Domhan, Springenberg & Hutter, "Speeding up Automatic
Hyperparameter Optimization of Deep Neural Networks by Extrapolation of Learning Curves", IJCAI 2015, section 3.4.

At a few checks, the training of a network is stopped if the probability that it ends with a score above the best one so
far is below a threshold. The search is then told the expected score in its place. The others are trained in full.

Deviations: the posterior is that of `learning_curves.py`, which learns from all curves of the search, where the paper
fits eleven parametric families to each curve by Markov chain Monte Carlo. The checks are at R/η, R/η², ... epochs, as
in `asha`, where the paper checks every p epochs: each is a trial of the log. They need no curves of the evaluator, only
its scores after so many epochs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from nas.arguments import Fraction, Positive, checked
from nas.controllers.backends.learning_curves import LearningCurves
from nas.controllers.backends.promoting import Eta, levels_of, new_network
from nas.controllers.controller import Controller
from nas.trial import Proposal, Trial


@dataclass(frozen=True)
class Training:
    """A training that has not ended.

    Attributes:
        trial: the last one of it.
        scores: on the first objective, one for each check so far.
        number: of the network, from 0, among those that the wrapped controller proposed.
        asked_after: how many results the wrapped controller had been told when it proposed the network.
    """

    trial: Trial
    scores: tuple[float, ...]
    number: int
    asked_after: int


@checked
class EarlyStopping:
    """Stops the training of networks that will hardly become the best.

    To the wrapped controller the search looks like one in which every network is trained in full: it is told one result
    for each, measured or expected, when the training ends. It is told of full trainings that others proposed too.

    Args:
        controller: what proposes networks.
        full_epochs: R, epochs of the evaluator's full training.
        threshold: a training is stopped if the probability of a new best score is below this (the paper's 0.05).
        initial: the number of networks that are trained in full before the first one is stopped.
        min_epochs: the fewest epochs that a network is trained for.
        eta: η, each check is after η times as many epochs as the one before it.
    """

    name: ClassVar = "early_stopping"

    def __init__(
        self,
        controller: Controller,
        *,
        full_epochs: Positive,
        threshold: Fraction = 0.01,
        initial: Positive = 3,
        min_epochs: Positive = 1,
        eta: Eta = 2,
    ) -> None:
        self.controller = controller
        self.threshold = threshold
        self.initial = initial
        self.levels = levels_of(full_epochs, min_epochs, eta)
        self._epochs = [full_epochs if epochs is None else epochs for epochs in self.levels]
        self._best: float | None = None
        self._open: dict[int, Training] = {}  # by the number of its last trial
        self._curves: dict[str, tuple[float, ...]] = {}  # by network
        self._finished = 0
        self._model: LearningCurves | None = None
        self._networks = 0
        self._ended = [0]
        """The number of results that the wrapped controller was told after the first 0, 1, 2, ... trials."""

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        flying = {proposal.architecture.id for proposal in pending}
        continued = {proposal.parent for proposal in pending}
        for number, training in self._open.items():
            arch = training.trial.architecture
            if number not in continued and arch.id not in flying:
                return Proposal(arch, self.levels[len(training.scores)], parent=number)
        return Proposal(new_network(self.controller, rng, pending), self.levels[0])

    def tell(self, trial: Trial) -> None:
        training = self._training(trial)
        self._ended.append(self._ended[-1])
        if training is None:
            return
        scores = trial.scores
        if scores is not None and trial.proposal.epochs is None:
            self._best = scores[0] if self._best is None else max(self._best, scores[0])
        elif scores is not None:
            expected = self._expected(training.scores)
            if expected is None:
                self._open[trial.number] = training
                return
            scores = (expected, *scores[1:])
        self._learn(trial.architecture.id, training.scores)
        self._ended[-1] += 1
        own, asked_after = Proposal(trial.architecture), training.asked_after
        self.controller.tell(
            replace(trial, number=training.number, proposal=own, scores=scores, asked_after=asked_after)
        )

    def _training(self, trial: Trial) -> Training | None:
        """The training that a trial belongs to, with its score; None if others proposed it and it is truncated."""
        epochs, parent = trial.proposal.epochs, trial.proposal.parent
        score = () if trial.score is None else (trial.score,)
        before = None if parent is None else self._open.get(parent)
        if before is not None and epochs == self.levels[len(before.scores)]:
            del self._open[before.trial.number]
            return replace(before, trial=trial, scores=before.scores + score)
        new = parent is None and epochs == self.levels[0]
        if not new and epochs is not None:
            return None
        self._networks += 1
        return Training(trial, score if new else (), self._networks - 1, self._ended[trial.asked_after])

    def _expected(self, scores: tuple[float, ...]) -> float | None:
        """The expected score of a training that is to be stopped; None: it goes on."""
        if self._best is None or self._finished < self.initial:
            return None
        if self._model is None:  # a function of the history
            self._model = LearningCurves(self._epochs, list(self._curves.values()))
        end = self._model.end(scores)
        return end.mean if end.above(self._best) < self.threshold else None

    def _learn(self, network: str, scores: tuple[float, ...]) -> None:
        """Adds the curve of a training that ended; of a network that was trained again, the first of the longest."""
        if len(scores) > len(self._curves.get(network, ())):
            self._curves[network] = scores
            self._finished += len(scores) == len(self.levels)
            self._model = None
