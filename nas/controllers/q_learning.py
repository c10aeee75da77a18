"""Tabular Q-learning: Baker, Gupta, Naik & Raskar, "Designing Neural Network Architectures using Reinforcement
Learning" (MetaQNN), ICLR 2017.

An agent decides an architecture one decision after another. Its state is the decision it stands at together with the
last `memory` decisions it took (the paper's state is the last layer and its depth; the name of a decision holds the
depth here). Its actions are the legal options. The reward is the score, given at the end; γ is 1.

    Q(s, u) ← (1 - α) Q(s, u) + α [r + γ max_u' Q(s', u')]                                               (eq. 3)

taken over the decisions of an architecture from the last to the first (algorithm 3). After each trial, `replay` past
ones are drawn and learned from again (algorithm 1). Actions are ε-greedy, and ε falls from 1.0 to 0.1 on the paper's
schedule, scaled to the budget.

Deviations: ties between Q-values are broken at random. A trial that failed is learned as the worst score so far. The
draws of the replay follow from the trial's seed, so that telling the same trials gives the same table.
"""

import random
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal, NamedTuple

import numpy as np

from nas.controllers.controller import Decided, draw_other
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
"""A decision, and the last ones before it."""

_Path = list[tuple[list[float], int]]
"""Rows of Q-values, each with the place of the action that was taken."""


class _Row(NamedTuple):
    """The Q-values of a state; `place` says where each option's is."""

    place: dict[Value, int]
    q: list[float]


_EMPTY = _Row({}, [])


class QLearning:
    """The MetaQNN agent.

    Args:
        space: where to search.
        trials: the budget that the ε schedule is scaled to; beyond it ε stays at its last value.
        alpha: learning rate α in (0, 1] (the paper's 0.01).
        gamma: discount γ in [0, 1].
        initial_q: Q-value of what was never tried; above the scores it makes the agent curious (the paper's 0.5).
        replay: trials learned from again after each one (the paper's 100).
        memory: how many of the last decisions belong to the state.
        td_lambda: λ in [0, 1]; 0 is equation 3. Above it the target of a decision is (1 - λ) max_u' Q(s', u') + λ times
            the target of the decision after it (Peng & Williams 1996, Q(λ)), so that the reward reaches the first of
            many decisions at once; 1 learns from the reward alone (Monte Carlo).
        schedule: (ε, share of the budget) in order; shares are relative.
    """

    def __init__(
        self,
        space: Space,
        *,
        trials: int,
        alpha: float = 0.01,
        gamma: float = 1.0,
        initial_q: float = 0.5,
        replay: int = 100,
        memory: int = 1,
        td_lambda: float = 0.0,
        schedule: Sequence[tuple[float, float]] = SCHEDULE,
    ) -> None:
        if not 0 < alpha <= 1 or not 0 <= gamma <= 1:
            raise UsageError(f"alpha must be in (0, 1] and gamma in [0, 1], got {alpha} and {gamma}")
        if not 0 <= td_lambda <= 1:
            raise UsageError(f"td_lambda must be in [0, 1], got {td_lambda}")
        if trials < 1 or replay < 0 or memory < 0:
            raise UsageError(f"trials must be 1 or more, replay and memory 0 or more: {trials}, {replay}, {memory}")
        total = sum(share for _, share in schedule)
        if total <= 0 or any(not 0 <= epsilon <= 1 or share < 0 for epsilon, share in schedule):
            raise UsageError(f"schedule must be pairs of ε in [0, 1] and a share, got {schedule}")
        self.space = space
        self.alpha = alpha
        self.gamma = gamma
        self.initial_q = initial_q
        self.replay = replay
        self.memory = memory
        self.td_lambda = td_lambda
        ends = accumulate(share for _, share in schedule)
        self._steps = [(trials * end / total, epsilon) for (epsilon, _), end in zip(schedule, ends, strict=True)]
        self._table: dict[State, _Row] = {}
        self._told: list[tuple[_Path, float]] = []
        self._worst: float | None = None

    def epsilon(self, number: int) -> float:
        """ε for the proposal of this number."""
        return next((epsilon for end, epsilon in self._steps if number < end), self._steps[-1][1])

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        epsilon = self.epsilon(len(self._told) + len(pending))
        return Proposal(draw_other(lambda: self._act(epsilon, rng), self.space, rng, pending))

    def _act(self, epsilon: float, rng: np.random.Generator) -> Architecture:
        taken: list[Value] = []

        def pick(choice: Choice) -> Value:
            options = choice.options
            if len(options) == 1:
                value = options[0]
            elif rng.random() < epsilon:
                value = options[int(rng.random() * len(options))]
            else:
                value = self._greedy(choice, taken, rng)
            taken.append(value)
            return value

        return self.space.walk(pick)

    def _greedy(self, choice: Choice, taken: list[Value], rng: np.random.Generator) -> Value:
        row = self._table.get(self._state(choice.name, taken), _EMPTY)
        known = [row.q[row.place[option]] if option in row.place else self.initial_q for option in choice.options]
        best = max(known)
        ties = [option for option, q in zip(choice.options, known, strict=True) if q == best]
        return ties[0] if len(ties) == 1 else ties[int(rng.random() * len(ties))]

    def tell(self, trial: Trial) -> None:
        score = trial.score
        if score is not None:
            self._worst = score if self._worst is None else min(score, self._worst)
        reward = score if score is not None else self.initial_q if self._worst is None else self._worst
        self._told.append((self._path(trial.architecture), reward))
        self._learn(*self._told[-1])
        draws = random.Random(trial.seed)
        for path, past in draws.choices(self._told, k=self.replay):
            self._learn(path, past)

    def _learn(self, path: _Path, reward: float) -> None:
        """Equation 3 from the last decision of an architecture to the first; `tell` spends its time here."""
        alpha, gamma, td_lambda = self.alpha, self.gamma, self.td_lambda
        target = reward
        for q, action in path:
            q[action] += alpha * (target - q[action])
            target = gamma * (td_lambda * target + (1 - td_lambda) * max(q))

    def _path(self, arch: Architecture) -> _Path:
        """The row of the table at each decision of an architecture and what was decided there, last decision first."""
        taken: list[Value] = []
        path = []
        for choice, (name, value) in zip(self.space.choices_of(arch), arch.choices, strict=True):
            row = self._table.setdefault(self._state(name, taken), _Row({}, []))
            for option in choice.options:
                if option not in row.place:
                    row.place[option] = len(row.q)
                    row.q.append(self.initial_q)
            path.append((row.q, row.place[value]))
            taken.append(value)
        return path[::-1]

    def _state(self, name: str, taken: list[Value]) -> State:
        return name, tuple(taken[-self.memory :]) if self.memory else ()

    def q_values(self) -> dict[State, dict[Value, float]]:
        """The table: (decision, last decisions) to the Q-value of each option that was legal there."""
        return {state: dict(zip(row.place, row.q, strict=True)) for state, row in self._table.items()}

    value_kind: Literal["Q"] = "Q"

    def values(self, choice: Choice, decided: Decided) -> Sequence[float]:
        """The Q-value of each option of a decision."""
        row = self._table.get(self._state(choice.name, [value for _, value in decided]), _EMPTY)
        return [row.q[row.place[option]] if option in row.place else self.initial_q for option in choice.options]

    def predict(self, arch: Architecture) -> float:
        """The Q-value of its last decision that had more than one option."""
        met = list(zip(self.space.choices_of(arch), arch.choices, strict=True))
        for place, (choice, (_, value)) in reversed(list(enumerate(met))):
            if len(choice.options) > 1:
                return self.values(choice, arch.choices[:place])[choice.options.index(value)]
        return self.initial_q
