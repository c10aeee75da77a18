"""Deep Q-network: Mnih et al., "Human-level control through deep reinforcement learning", Nature 2015, algorithm 1.

An agent decides an architecture one decision after another. Its state is what it has decided so far, encoded as by
`Space.encode`; its actions are the legal options. A perceptron reads the state and gives a Q-value for each option of
each decision; those of the legal ones count. The reward comes at the end; γ is 1. Batches of decisions are drawn from
the replay memory, and the network is trained towards

    y ← r if the walk ends within n decisions, else Q'(s⁽ⁿ⁾, argmax_u Q(s⁽ⁿ⁾, u))

where Q' is the target network, a copy of the weights that is renewed every `sync` batches. That Q chooses the action
and Q' values it is double DQN (van Hasselt, Guez & Silver, AAAI 2016, equation 4); with `double: false` Q' does both.
n is `steps` (Sutton & Barto 2018, section 7.1): 1 in the papers, and Monte Carlo if no walk is longer.

Decisions are drawn by their last error δ (Schaul, Quan, Antonoglou & Silver, "Prioritized Experience Replay", ICLR
2016, the proportional variant), and weights w of the loss take the bias of that back:

    P(i) = p_i^α / Σ p_k^α  with p_i = |δ_i| + ε                                                            (eq. 1)
    w_i = (N P(i))^-β / max w                                                                         (section 3.4)

Actions are ε-greedy: after `start` random architectures ε falls linearly from 1 to `epsilon` over `anneal` trials.

Deviations: the papers' state is a screen, and this one a short vector, so that two hidden layers do. As scores may have
any range, the reward is the rank among the scores so far, from -1 to 1, and is made anew for all trials with each one.
Nothing is forgotten. β is constant, and the greatest weight is that of the batch. Adam takes the place of RMSProp. What
is known is not proposed again, because a network that was evaluated costs as much again and teaches little: the agent
acts up to `TRIES` times more to find something new (`repeats: true` is the papers' way). A trial that failed is learned
as the worst so far. Weights and batches follow from the seeds of the trials, so that telling the same trials gives the
same network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from nas.arguments import checked
from nas.controllers.controller import Decided, draw_other
from nas.errors import UsageError
from nas.interrupt import stop_if_asked
from nas.space import Architecture, Choice, Space, Value
from nas.trial import Proposal, Trial

if TYPE_CHECKING:
    from nas.controllers.backends.q_network import QNetwork

Floats = NDArray[np.float64]

LEAST_PRIORITY = 1e-3
"""ε of the priorities: what is known without error is drawn as well, now and then."""


def ranks(scores: Sequence[float | None]) -> Floats:
    """The rank of each score, evenly from near -1 for the worst to near 1 for the best; equal ones share theirs.

    A trial that failed (None) counts as the worst score.
    """
    filled = fill(scores)
    ordered = np.sort(filled)
    below, not_above = ordered.searchsorted(filled, "left"), ordered.searchsorted(filled, "right")
    found: Floats = (below + not_above) / len(filled) - 1
    return found


def fill(scores: Sequence[float | None]) -> Floats:
    """The scores with the worst one in the place of those that are missing; zeros if all are."""
    worst = min((score for score in scores if score is not None), default=0.0)
    return np.array([worst if score is None else score for score in scores])


def probabilities(priorities: Floats, alpha: float) -> Floats:
    """P(i) of equation 1."""
    powers = priorities**alpha
    chances: Floats = powers / powers.sum()
    return chances


def corrections(chances: Floats, size: int, beta: float) -> Floats:
    """w_i of a batch that was drawn from `size` decisions with these P(i)."""
    unscaled = (size * chances) ** -beta
    weights: Floats = unscaled / unscaled.max()
    return weights


@dataclass(frozen=True)
class Step:
    """A decision of a trial. E is the length of `Space.encode`.

    Attributes:
        state: `(E,)` the decisions before it, encoded.
        legal: `(E,)` which columns are its options.
        action: column of the option that was taken.
        left: how many decisions followed.
        trial: how many trials had been told before this one.
    """

    state: NDArray[np.float32]
    legal: NDArray[np.bool_]
    action: int
    left: int
    trial: int


@checked
class DQN:
    """The agent. An ask and a tell take about 10 ms of one core, most of it in `updates` small batches.

    That does not grow with the search, but for a look at the ranks and the priorities of all that is remembered.
    Values the options of a decision in the unit of the scores, and predicts an architecture by the Q-value of its last
    decision.

    Args:
        space: where to search.
        start: random architectures at the start.
        anneal: trials after these until ε is `epsilon`.
        epsilon: last ε, in [0, 1] (the paper's 0.1).
        updates: batches that are learned after each trial.
        batch_size: decisions in a batch (the paper's 32).
        lr: of Adam.
        hidden: units of each of the two hidden layers.
        steps: n, 1 or more: how many decisions later the best Q-value is looked up.
        double: double DQN.
        sync: batches between two copies of the weights to the target network.
        priority: α in [0, 1]; 0 draws all decisions alike (Schaul et al.: 0.6).
        correction: β in [0, 1]; 1 takes the bias of the priorities back altogether (Schaul et al.: 0.4, rising to 1).
        repeats: whether to propose networks that are known.
    """

    value_kind: Literal["Q", "probability"] = "Q"

    def __init__(
        self,
        space: Space,
        *,
        start: int = 10,
        anneal: int = 20,
        epsilon: float = 0.1,
        updates: int = 4,
        batch_size: int = 128,
        lr: float = 0.002,
        hidden: int = 64,
        steps: int = 1,
        double: bool = True,
        sync: int = 20,
        priority: float = 0.6,
        correction: float = 0.4,
        repeats: bool = False,
    ) -> None:
        if not (0 <= epsilon <= 1 and 0 <= priority <= 1 and 0 <= correction <= 1):
            raise UsageError(
                f"epsilon, priority and correction must be in [0, 1], got {epsilon}, {priority} and {correction}"
            )
        if min(start, updates, batch_size, hidden, steps, sync) < 1 or anneal < 0:
            raise UsageError(
                "start, updates, batch_size, hidden, steps and sync must be 1 or more and anneal 0 or more, got "
                f"{start}, {updates}, {batch_size}, {hidden}, {steps}, {sync} and {anneal}"
            )
        if not 0 < lr < float("inf"):
            raise UsageError(f"lr must be above 0, got {lr}")
        self.space = space
        self.start = start
        self.anneal = anneal
        self.last_epsilon = epsilon
        self.updates = updates
        self.batch_size = batch_size
        self.lr = lr
        self.hidden = hidden
        self.steps = steps
        self.double = double
        self.sync = sync
        self.priority = priority
        self.correction = correction
        self.repeats = repeats
        self._columns = {
            (name, type(option), option): column
            for column, (name, option) in enumerate(
                (name, option) for name, options in space.universe.items() for option in options
            )
        }
        self._network: QNetwork | None = None
        self._ids: set[str] = set()
        self._scores: list[float | None] = []
        self._memory: list[Step] = []
        self._priorities: Floats = np.zeros(0)

    def epsilon(self, number: int) -> float:
        """ε for the proposal of this number, of those after the random ones."""
        done = number - self.start
        return self.last_epsilon if done >= self.anneal else 1 - (1 - self.last_epsilon) * done / self.anneal

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        number = len(self._scores) + len(pending)
        best: dict[tuple[Value, ...], Value] = {}

        def draw() -> Architecture:
            if self._network is None or number < self.start:
                return self.space.sample(rng)
            return self._act(self.epsilon(number), best, rng)

        known: set[str] = set() if self.repeats else self._ids
        return Proposal(draw_other(draw, self.space, rng, pending, known=known))

    def _act(self, epsilon: float, best: dict[tuple[Value, ...], Value], rng: np.random.Generator) -> Architecture:
        """A walk; `best` keeps what the network prefers after some decisions, for the next one."""
        decided: list[tuple[str, Value]] = []

        def pick(choice: Choice) -> Value:
            options = choice.options
            if len(options) == 1:
                value = options[0]
            elif rng.random() < epsilon:
                value = options[int(rng.random() * len(options))]
            else:
                before = tuple(value for _, value in decided)
                if before not in best:
                    best[before] = options[int(self._q(choice, decided).argmax())]
                value = best[before]
            decided.append((choice.name, value))
            return value

        return self.space.walk(pick)

    def tell(self, trial: Trial) -> None:
        self._ids.add(trial.architecture.id)
        self._remember(trial.architecture)
        self._scores.append(trial.score)
        if len(self._scores) < self.start or not self._memory:
            return
        if self._network is None:
            self._network = self._new_network(trial.seed)
        rng = np.random.default_rng(trial.seed)
        rewards = ranks(self._scores)
        for _ in range(self.updates):
            stop_if_asked()
            self._learn(self._network, rewards, rng)

    def _remember(self, arch: Architecture) -> None:
        """Puts the decisions of an architecture into the memory, with the highest priority."""
        choices = self.space.choices_of(arch)
        for place, (choice, (name, value)) in enumerate(zip(choices, arch.choices, strict=True)):
            legal = np.zeros(len(self._columns), dtype=np.bool_)
            legal[self._columns_of(choice)] = True
            action = self._columns[name, type(value), value]
            left = len(choices) - 1 - place
            self._memory.append(Step(self._state(arch.choices[:place]), legal, action, left, len(self._scores)))
        self._priorities = np.append(self._priorities, np.full(len(choices), self._priorities.max(initial=1.0)))

    def _new_network(self, seed: int) -> "QNetwork":
        from nas.controllers.backends.q_network import QNetwork

        return QNetwork(
            len(self._columns),
            hidden=self.hidden,
            lr=self.lr,
            double=self.double,
            sync=self.sync,
            seed=seed,
        )

    def _learn(self, network: "QNetwork", rewards: Floats, rng: np.random.Generator) -> None:
        """One batch: drawn by priority, learned, and given its new priorities."""
        chances = probabilities(self._priorities, self.priority)
        size = len(self._memory)
        drawn = np.minimum(chances.cumsum().searchsorted(rng.random(self.batch_size)), size - 1)
        steps = [self._memory[index] for index in drawn]
        ends = np.array([step.left < self.steps for step in steps])
        later = [self._memory[index if end else index + self.steps] for index, end in zip(drawn, ends, strict=True)]
        errors = network.learn(
            states=np.stack([step.state for step in steps]),
            actions=np.array([step.action for step in steps]),
            rewards=rewards[[step.trial for step in steps]],
            ends=ends,
            later=np.stack([step.state for step in later]),
            legal=np.stack([step.legal for step in later]),
            weights=corrections(chances[drawn], size, self.correction),
        )
        self._priorities[drawn] = np.abs(errors) + LEAST_PRIORITY

    def _columns_of(self, choice: Choice) -> list[int]:
        return [self._columns[choice.name, type(option), option] for option in choice.options]

    def _state(self, decided: Decided) -> NDArray[np.float32]:
        """`(E,)` the decisions, as `Space.encode` has them."""
        state = np.zeros(len(self._columns), dtype=np.float32)
        state[[self._columns[name, type(value), value] for name, value in decided]] = 1
        return state

    def _q(self, choice: Choice, decided: Decided) -> NDArray[np.float32]:
        """The Q-values of the options of a decision; zeros before anything was learned."""
        if self._network is None:
            return np.zeros(len(choice.options), dtype=np.float32)
        return self._network.values(self._state(decided))[self._columns_of(choice)]

    def values(self, choice: Choice, decided: Decided) -> Sequence[float]:
        """The score that stands at the rank which each option of a decision is expected to reach."""
        if not self._scores:
            return [0.0] * len(choice.options)
        shares = (self._q(choice, decided).clip(-1, 1) + 1) / 2
        return [float(score) for score in np.quantile(fill(self._scores), shares)]

    def predict(self, arch: Architecture) -> float:
        """The Q-value of its last decision: the rank that is expected of it."""
        if not arch.choices:
            return 0.0
        last = self.space.choices_of(arch)[-1]
        return float(self._q(last, arch.choices[:-1])[last.options.index(arch.choices[-1][1])])
