"""Tabular Q-learning: Baker, Gupta, Naik & Raskar, "Designing Neural Network Architectures using Reinforcement
Learning" (MetaQNN), ICLR 2017.

An agent makes one decision after another. Its state is the current decision together with the last `memory` decisions
(the paper's state is the last layer and its depth; here the name of a decision contains the depth). Its actions are the
legal options. The reward is the score, given at the end; γ is 1.

    Q(s, u) ← (1 - α) Q(s, u) + α [r + γ max_u' Q(s', u')]                                               (eq. 3)

is applied to the decisions of an architecture from the last to the first (algorithm 3). After each trial, `replay` past
trials are sampled and learned from again (algorithm 1). Actions are ε-greedy, and ε decreases from 1.0 to 0.1 on the
paper's schedule, scaled to the budget.

Three options change the target of equation 3. `td_lambda` mixes in the targets of later decisions (Peng & Williams,
"Incremental Multi-Step Q-Learning", 1996: Q(λ)). `n_step` looks n decisions ahead instead of one (Sutton & Barto, 2nd
edition 2018, equation 7.1, with the greatest action value in place of the state value):

    target ← r if the walk ends within n decisions, else γⁿ max_u Q(s⁽ⁿ⁾, u)

`double` keeps two tables A and B (van Hasselt, "Double Q-learning", NIPS 2010, algorithm 1). A coin decides at each
update which one learns: it selects the best action, and the other one evaluates it, since the maximum of noisy values
is too high on average:

    A(s, u) ← (1 - α) A(s, u) + α [r + γ B(s', argmax_u' A(s', u'))]

Actions are chosen by the mean of both.

Deviations: ties between Q-values are broken at random. Failed trials get the worst score so far. The trials to replay
are sampled from the trial's seed, so the same trials give the same table.
"""

import random
from collections.abc import Sequence
from itertools import accumulate
from typing import Annotated, ClassVar, NamedTuple

import numpy as np
from pydantic import Field

from nas.arguments import Finite, Fraction, NotNegative, NotNegativeFloat, Positive, checked
from nas.controllers.backends import epsilon_greedy
from nas.controllers.controller import Decided, ValueKind, draw_other
from nas.errors import UsageError
from nas.space import Architecture, Choice, Space, Value
from nas.trial import Proposal, Trial

SCHEDULE = (
    (1.0, 1500.0),
    (0.9, 100.0),
    (0.8, 100.0),
    (0.7, 100.0),
    (0.6, 150.0),
    (0.5, 150.0),
    (0.4, 150.0),
    (0.3, 150.0),
    (0.2, 150.0),
    (0.1, 150.0),
)
"""(ε, networks trained at it): table 2 of the paper."""

State = tuple[str, tuple[Value, ...]]
"""A decision, and the last decisions before it."""


class _Row(NamedTuple):
    """The Q-values of a state; `place` is the index of each option."""

    place: dict[Value, int]
    tables: tuple[list[float], ...]
    """One table, or two that learn from each other."""

    def mean(self, place: int) -> float:
        return sum(table[place] for table in self.tables) / len(self.tables)


_Path = list[tuple[_Row, int]]
"""The rows of a walk, each with the index of the action taken; the last decision comes first."""


@checked
class QLearning:
    """The MetaQNN agent.

    `values` are Q-values, and `predict` is the mean Q-value of an architecture's decisions.

    Args:
        space: where to search.
        trials: the budget that the ε schedule is scaled to; beyond it ε stays at its last value.
        alpha: learning rate α in (0, 1] (the paper's 0.01).
        gamma: discount γ in [0, 1].
        initial_q: initial Q-value; above all scores it makes the agent explore (the paper's 0.5).
        replay: trials learned from again after each one (the paper's 100).
        memory: number of last decisions in the state.
        td_lambda: λ in [0, 1]; 0 is equation 3. Above it the target of a decision is (1 - λ) max_u' Q(s', u') + λ times
            the target of the decision after it (Peng & Williams 1996, Q(λ)), so that the reward propagates to the
            first of many decisions at once; 1 learns from the reward alone (Monte Carlo).
        n_step: n, how many decisions later the best Q-value is looked up; 1 is equation 3.
        double: two tables, each of which evaluates the actions that the other one selects.
        repeats: whether to propose known networks, as the paper does. If not, the agent acts again, up to `TRIES`
            times, until the network is new, and spends no budget on what it has converged to.
        schedule: (ε, share of the budget) in order; shares are relative.
    """

    name: ClassVar = "q_learning"
    value_kind: ValueKind = "Q"

    def __init__(
        self,
        space: Space,
        *,
        trials: Positive,
        alpha: Annotated[float, Field(gt=0, le=1)] = 0.01,
        gamma: Fraction = 1.0,
        initial_q: Finite = 0.5,
        replay: NotNegative = 100,
        memory: NotNegative = 1,
        td_lambda: Fraction = 0.0,
        n_step: Positive = 1,
        double: bool = False,
        repeats: bool = True,
        schedule: Sequence[tuple[Fraction, NotNegativeFloat]] = SCHEDULE,
    ) -> None:
        if n_step > 1 and td_lambda > 0:
            raise UsageError(f"n_step must be 1 where td_lambda is above 0, got {n_step} and {td_lambda}")
        if double and td_lambda == 1:
            raise UsageError(
                "double needs td_lambda below 1: with td_lambda 1, targets are rewards alone, without a best action"
            )
        total = sum(share for _, share in schedule)
        if total <= 0:
            raise UsageError(f"schedule needs a share above 0, got {schedule}")
        self.space = space
        self.alpha = alpha
        self.gamma = gamma
        self.initial_q = initial_q
        self.replay = replay
        self.memory = memory
        self.td_lambda = td_lambda
        self.n_step = n_step
        self.double = double
        self.repeats = repeats
        ends = accumulate(share for _, share in schedule)
        self._schedule = [(trials * end / total, epsilon) for (epsilon, _), end in zip(schedule, ends, strict=True)]
        self._table: dict[State, _Row] = {}
        self._told: list[tuple[_Path, float]] = []
        self._ids: set[str] = set()
        self._worst: float | None = None

    def epsilon(self, number: int) -> float:
        """ε for the proposal of this number."""
        return next((epsilon for end, epsilon in self._schedule if number < end), self._schedule[-1][1])

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        epsilon = self.epsilon(len(self._told) + len(pending))
        known: set[str] = set() if self.repeats else self._ids
        return Proposal(draw_other(lambda: self._act(epsilon, rng), self.space, rng, pending, known=known))

    def _act(self, epsilon: float, rng: np.random.Generator) -> Architecture:
        def greedy(choice: Choice, decided: Decided) -> Value:
            known = self.values(choice, decided)
            best = max(known)
            ties = [option for option, q in zip(choice.options, known, strict=True) if q == best]
            return ties[0] if len(ties) == 1 else ties[int(rng.random() * len(ties))]

        return epsilon_greedy.act(self.space, epsilon, greedy, rng)

    def _known(self, choice: Choice, taken: list[Value]) -> list[float]:
        """The Q-value of each option."""
        row = self._table.get(self._state(choice.name, taken))
        if row is None:
            return [self.initial_q] * len(choice.options)
        return [row.mean(row.place[option]) if option in row.place else self.initial_q for option in choice.options]

    def tell(self, trial: Trial) -> None:
        score = trial.score
        if score is not None:
            self._worst = score if self._worst is None else min(score, self._worst)
        reward = score if score is not None else self.initial_q if self._worst is None else self._worst
        self._ids.add(trial.architecture.id)
        self._told.append((self._path(trial.architecture), reward))
        draws = random.Random(trial.seed)
        for path, past in [self._told[-1], *draws.choices(self._told, k=self.replay)]:
            self._learn(path, past, draws)

    def _learn(self, path: _Path, reward: float, draws: random.Random) -> None:
        """Equation 3, from the last decision of an architecture to the first; the hot loop of `tell`."""
        alpha, gamma, td_lambda, n_step = self.alpha, self.gamma, self.td_lambda, self.n_step
        discount = (1 - td_lambda) * gamma**n_step
        target = reward
        for later, (row, action) in enumerate(path):
            coin = draws.getrandbits(1) if self.double else 0
            if later:
                target *= gamma * td_lambda if later >= n_step else gamma
            if later >= n_step:
                target += discount * _best(path[later - n_step][0], coin)
            learned = row.tables[coin]
            learned[action] += alpha * (target - learned[action])

    def _path(self, arch: Architecture) -> _Path:
        """The row of the table at each decision of an architecture and the index of what was decided, last first."""
        taken: list[Value] = []
        path = []
        for choice, (name, value) in zip(self.space.choices_of(arch), arch.choices, strict=True):
            row = self._table.setdefault(self._state(name, taken), _Row({}, ([], []) if self.double else ([],)))
            for option in choice.options:
                if option not in row.place:
                    row.place[option] = len(row.place)
                    for table in row.tables:
                        table.append(self.initial_q)
            path.append((row, row.place[value]))
            taken.append(value)
        return path[::-1]

    def _state(self, name: str, taken: list[Value]) -> State:
        return name, tuple(taken[-self.memory :]) if self.memory else ()

    def q_values(self) -> dict[State, dict[Value, float]]:
        """The table: from (decision, last decisions) to the Q-value of each option that was legal there."""
        return {
            state: {value: row.mean(place) for value, place in row.place.items()} for state, row in self._table.items()
        }

    def values(self, choice: Choice, decided: Decided) -> Sequence[float]:
        """The Q-value of each option of a decision."""
        return self._known(choice, [value for _, value in decided])

    def predict(self, arch: Architecture) -> float:
        """The mean Q-value of its decisions."""
        choices = self.space.choices_of(arch)
        taken = [value for _, value in arch.choices]
        known = [
            self._known(choice, taken[:place])[choice.options.index(taken[place])]
            for place, choice in enumerate(choices)
        ]
        return sum(known) / len(known) if known else self.initial_q


def _best(row: _Row, coin: int) -> float:
    """The value by one table of the best action by the other; with a single table, its greatest value."""
    choosing, judging = row.tables[coin], row.tables[-1 - coin]
    return judging[choosing.index(max(choosing))]
