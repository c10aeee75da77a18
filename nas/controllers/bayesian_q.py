"""Bayesian optimisation with Gaussian processes, by planning; the default.

A model of the scores of all architectures (`surrogate.py`: a mixture of Gaussian processes over decisions, pairs and
triples of them, counts of options and costs) is fitted to the trials. A proposal is the architecture with the greatest
expected improvement on the best one known, max E[max(score - best, 0)] (Mockus 1975; Jones, Schonlau & Welch 1998),
among those that are looked at: `random` ones drawn uniformly, and `mutants` of the `parents` that the model believes
to be best, with one or two decisions changed. Walks decide without making layers (`Space.outline`), so this costs some
milliseconds. Each proposal is made with one process of the mixture, drawn by its share (posterior sampling over
models), which costs an eighth of planning with all and explores more. No network is proposed twice as long as another
one is found.

**What is Q about it.** In architecture search a transition is known and deterministic, the reward comes at the end, and
γ is 1. Bellman's equation then has no expectation in it: the value of an option is the best score that can be reached
behind it,

    Q*(s, a) = max over the architectures below (s, a) of E[score],

so a model of scores says what Q is, and nothing has to be bootstrapped from Q-values to Q-values, which is what makes
tabular Q-learning slow. That is how `values` explains a search. It is no more than a reading: `ask` maximises over
whole architectures and never looks at `values`, and no variance of Q is formed, as Bayesian Q-learning (Dearden,
Friedman & Russell 1998) does. What makes it need few trials is the model of the scores.

A trial that failed counts as the worst score so far. What is in flight counts as scored at its expected value
("kriging believer", Ginsbourger, Le Riche & Carraro 2010, §4.2). The mixture is fitted again when there are an eighth
more trials. Time and memory for a trial grow as `backends/surrogate.py` says.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nas.arguments import NotNegative, Positive, checked
from nas.controllers.backends.scores import impute_failures, normal_scores
from nas.controllers.controller import Decided, draw_other
from nas.space import Architecture, Choice, Outline, Space, Value
from nas.trial import Proposal, Trial

if TYPE_CHECKING:
    from nas.controllers.backends.surrogate import Encoder, Points, Posterior, Process

GROWTH = 1.125
"""The mixture is fitted when there are so many times as many trials as at the last time."""


@checked
class BayesianQ:
    """Bayesian optimisation with Gaussian processes over decisions, by planning.

    Args:
        space: where to search.
        initial: random architectures before the first plan.
        random: random architectures that a plan looks at.
        mutants: mutants of these architectures that it looks at; half of them have two decisions changed.
        parents: how many of the best architectures are mutated.
    """

    name: ClassVar = "bayesian_q"
    value_kind: Literal["Q"] = "Q"

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
        # Follow from what was told, and are made when they are first needed.
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
        """Q of each option: the highest expected normal score behind it, of what follows the elite from there on."""
        if not self._ready:
            return [0.0] * len(choice.options)
        elite = [dict(self._told[place].choices) for place in self._best(self._known_posterior)]
        begun = dict(decided)
        plans = [self._follow({**old, **begun, choice.name: value}) for value in choice.options for old in elite]
        means = self._known_posterior.mean(self._encoder(plans))
        return [float(best) for best in means.reshape(len(choice.options), -1).max(axis=1)]

    def predict(self, arch: Architecture) -> float:
        """The expected normal score of an architecture; 0 before anything was learned."""
        if not self._ready:
            return 0.0
        return float(self._known_posterior.mean(self._encoder([Outline(arch.choices, arch.cost)]))[0])

    @property
    def _ready(self) -> bool:
        return any(score is not None for score in self._scores)

    def _plan(self, rng: np.random.Generator, flying: Sequence[Architecture]) -> Iterable[Outline]:
        """What can be planned, the greatest expected improvement first."""
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
        """One decision changed; what the change opens, or makes illegal, is drawn."""
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
        """The architecture with these decisions as far as they are reached and legal, else with first options."""

        def pick(choice: Choice) -> Value:
            wanted = decisions.get(choice.name)
            return wanted if choice.name in decisions and wanted in choice.options else choice.options[0]

        return self.space.outline(pick)

    def _best(self, posterior: "Posterior") -> Sequence[int]:
        """Places of the `parents` that the posterior believes to be best, of one network once."""
        order = np.argsort(-posterior.mean(self._points), kind="stable")
        found: dict[tuple[tuple[str, Value], ...], int] = {}
        for place in order:
            found.setdefault(self._told[place].choices, int(place))
            if len(found) == self.parents:
                break
        return list(found.values())

    def _posterior_of(self, flying: Sequence[Architecture], processes: "Sequence[Process]") -> "Posterior":
        """What is known after all that was told; the architectures in flight count as scored as expected."""
        from nas.controllers.backends.surrogate import Posterior

        targets = self._targets(len(self._told))
        posterior = Posterior(self._points, targets, processes)
        if not flying:
            return posterior
        points = self._encoder([Outline(arch.choices, arch.cost) for arch in flying])
        return Posterior(self._points.join(points), np.concatenate([targets, posterior.mean(points)]), processes)

    @property
    def _known_posterior(self) -> "Posterior":
        """The posterior after all that was told."""
        if self._posterior is None or self._posterior[0] != len(self._told):
            self._posterior = len(self._told), self._posterior_of((), self._processes)
        return self._posterior[1]

    @property
    def _processes(self) -> "tuple[Process, ...]":
        """The mixture, as it was fitted when there were as many trials as the schedule says."""
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
        """All that was told, as numbers."""
        points = self._encoded
        if points is None:
            points = self._encoder(self._told)
        elif len(points.taken) < len(self._told):
            points = points.join(self._encoder(self._told[len(points.taken) :]))
        self._encoded = points
        return points
