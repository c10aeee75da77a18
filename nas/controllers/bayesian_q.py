"""Bayesian optimisation with Gaussian processes, by planning; the default.

A model of the scores of all architectures is fitted to the trials (`surrogate.py`: a mixture of Gaussian processes over
decisions, pairs and triples of them, counts of options and costs). A proposal is the candidate with the greatest
expected improvement over the best known architecture, max E[max(score - best, 0)] (Mockus 1975; Jones, Schonlau & Welch
1998). Candidates are `random` architectures, drawn uniformly, and `mutants` of the `parents` that the model expects to
be best, with one or two decisions changed. Candidates are walked without making layers (`Space.outline`), so a plan
takes some milliseconds. Each proposal uses one process of the mixture, drawn by its share (posterior sampling over
models): this costs an eighth of planning with all of them, and explores more. No network is proposed twice as long as
another one is found.

**Where Q comes in.** In architecture search transitions are known and deterministic, the reward comes at the end, and γ
is 1. Bellman's equation then has no expectation in it: the value of an option is the best score that can be reached
after taking it,

    Q*(s, a) = max over the architectures below (s, a) of E[score].

A model of the scores therefore determines Q, without bootstrapping Q-values from Q-values, which is what makes tabular
Q-learning slow. `values` explains a search in this way. It is an interpretation only: `ask` maximises over whole
architectures and never uses `values`, and the variance of Q is not modelled, as it is in Bayesian Q-learning (Dearden,
Friedman & Russell 1998). That few trials suffice is due to the model of the scores.

Failed trials get the worst score so far. Pending points are imputed with the posterior mean ("kriging believer",
Ginsbourger, Le Riche & Carraro 2010, §4.2). The mixture is refitted whenever the number of trials has grown by an
eighth. `surrogate.py` states how time and memory grow.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.arguments import NotNegative, Positive, checked
from nas.controllers.backends.scores import impute_failures, normal_scores
from nas.controllers.controller import Decided, ValueKind, draw_other
from nas.space import Architecture, Choice, Outline, Space, Value
from nas.trial import Proposal, Trial

if TYPE_CHECKING:
    from nas.controllers.backends.surrogate import Encoder, Points, Posterior, Process

GROWTH = 1.125
"""The mixture is refitted when the number of trials has grown by this factor."""


@checked
class BayesianQ:
    """Bayesian optimisation with Gaussian processes over decisions, by planning.

    Args:
        space: where to search.
        initial: random proposals at the start.
        random: random candidates of a plan.
        mutants: mutated candidates of a plan; half of them have two decisions changed.
        parents: how many of the best architectures are mutated.
    """

    name: ClassVar = "bayesian_q"
    value_kind: ValueKind = "Q"

    def __init__(
        self,
        space: Space,
        *,
        initial: Positive = 5,
        random: Positive = 100,
        mutants: NotNegative = 200,
        parents: Positive = 10,
    ) -> None:
        self.space = space
        self.initial = initial
        self.random = random
        self.mutants = mutants
        self.parents = parents
        self._told: list[Outline] = []
        self._scores: list[float | None] = []
        self._known: set[str] = set()
        # Functions of what was told, computed on first use.
        self._encoded: Points | None = None
        self._fitted: tuple[int, tuple[Process, ...]] | None = None
        self._posterior: tuple[int, Posterior] | None = None

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        flying = [proposal.architecture for proposal in pending]
        taken = self._known | {arch.id for arch in flying}
        if len(self._told) + len(flying) >= self.initial and self._ready:
            for plan in self._plan(rng, flying):
                arch = self.space.rebuild(dict(plan.choices))
                if arch.id not in taken:
                    return Proposal(arch)
        return Proposal(draw_other(lambda: self.space.sample(rng), self.space, rng, pending, known=self._known))

    def tell(self, trial: Trial) -> None:
        arch = trial.architecture
        self._told.append(Outline(arch.choices, arch.cost))
        self._scores.append(trial.score)
        self._known.add(arch.id)

    def values(self, choice: Choice, decided: Decided) -> Sequence[float]:
        """Q of each option: the highest expected normal score after it, completed as the best architectures are."""
        if not self._ready:
            return [0.0] * len(choice.options)
        elite = [dict(self._told[place].choices) for place in self._best(self._known_posterior)]
        begun = dict(decided)
        plans = [self._follow({**old, **begun, choice.name: value}) for value in choice.options for old in elite]
        means = self._known_posterior.mean(self._encoder(plans))
        return [float(best) for best in means.reshape(len(choice.options), -1).max(axis=1)]

    def predict(self, arch: Architecture) -> float:
        """The posterior mean of the normal score of an architecture; 0 before the first success."""
        if not self._ready:
            return 0.0
        return float(self._known_posterior.mean(self._encoder([Outline(arch.choices, arch.cost)]))[0])

    @property
    def _ready(self) -> bool:
        return any(score is not None for score in self._scores)

    def _plan(self, rng: np.random.Generator, flying: Sequence[Architecture]) -> Iterable[Outline]:
        """The candidates, the greatest expected improvement first."""
        shares = [process.share for process in self._processes]
        process = self._processes[int(rng.choice(len(shares), p=shares))]
        posterior = self._posterior_of(flying, [process._replace(share=1.0)])
        best = self._best(posterior)
        drawn = (self.space.outline(lambda choice: choice.draw(rng)) for _ in range(self.random))
        seen = {plan.choices for plan in self._told}
        plans = {plan.choices: plan for plan in (*drawn, *self._mutants(best, rng)) if plan.choices not in seen}
        points = self._encoder(list(plans.values()))
        gains = posterior.expected_improvement(points)
        found = list(plans.values())
        return (found[place] for place in np.argsort(-gains, kind="stable"))

    def _mutants(self, parents: Sequence[int], rng: np.random.Generator) -> Iterable[Outline]:
        elite = [self._told[place] for place in parents]
        for number in range(self.mutants):
            plan = elite[int(rng.random() * len(elite))]
            for _ in range(1 + number % 2):
                plan = self._mutate(plan, rng)
            yield plan

    def _mutate(self, plan: Outline, rng: np.random.Generator) -> Outline:
        """One decision changed. Decisions that the change opens or makes illegal are drawn."""
        old = dict(plan.choices)
        target = plan.choices[int(rng.random() * len(plan.choices))][0] if plan.choices else ""

        def pick(choice: Choice) -> Value:
            options = choice.options
            if choice.name == target and len(options) > 1:
                others = [option for option in options if option != old[target]]
                return others[int(rng.random() * len(others))]
            kept = old.get(choice.name)
            return kept if choice.name in old and kept in options else choice.draw(rng)

        return self.space.outline(pick)

    def _follow(self, decisions: dict[str, Value]) -> Outline:
        """The architecture with these decisions where they are reached and legal, and first options elsewhere."""

        def pick(choice: Choice) -> Value:
            wanted = decisions.get(choice.name)
            return wanted if choice.name in decisions and wanted in choice.options else choice.options[0]

        return self.space.outline(pick)

    def _best(self, posterior: "Posterior") -> Sequence[int]:
        """Indices of the `parents` trials with the highest posterior mean, each network once."""
        order = np.argsort(-posterior.mean(self._points), kind="stable")
        found: dict[tuple[tuple[str, Value], ...], int] = {}
        for place in order:
            found.setdefault(self._told[place].choices, int(place))
            if len(found) == self.parents:
                break
        return list(found.values())

    def _posterior_of(self, flying: Sequence[Architecture], processes: "Sequence[Process]") -> "Posterior":
        """The posterior after all trials; pending points are imputed with the posterior mean."""
        from nas.controllers.backends.surrogate import Posterior

        targets = self._targets(len(self._told))
        posterior = Posterior(self._points, targets, processes)
        if not flying:
            return posterior
        points = self._encoder([Outline(arch.choices, arch.cost) for arch in flying])
        return Posterior(self._points.join(points), np.concatenate([targets, posterior.mean(points)]), processes)

    @property
    def _known_posterior(self) -> "Posterior":
        """The posterior after all trials."""
        if self._posterior is None or self._posterior[0] != len(self._told):
            self._posterior = len(self._told), self._posterior_of((), self._processes)
        return self._posterior[1]

    @property
    def _processes(self) -> "tuple[Process, ...]":
        """The mixture, fitted to a number of first trials that grows by GROWTH."""
        from nas.controllers.backends.surrogate import likeliest

        fitted = self.initial
        while (after := max(fitted + 1, int(fitted * GROWTH))) <= len(self._told):
            fitted = after
        fitted = min(fitted, len(self._told))
        if self._fitted is None or self._fitted[0] != fitted:
            self._fitted = fitted, likeliest(self._points.select(slice(fitted)), self._targets(fitted))
        return self._fitted[1]

    def _targets(self, count: int) -> NDArray[np.float64]:
        """Normal scores of the first `count` trials."""
        return normal_scores(impute_failures(self._scores[:count]))

    @cached_property
    def _encoder(self) -> "Encoder":
        from nas.controllers.backends.surrogate import Encoder

        return Encoder(self.space)

    @property
    def _points(self) -> "Points":
        """All trials, encoded."""
        points = self._encoded
        if points is None:
            points = self._encoder(self._told)
        elif len(points.taken) < len(self._told):
            points = points.join(self._encoder(self._told[len(points.taken) :]))
        self._encoded = points
        return points
