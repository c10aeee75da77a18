"""Deep Q-network: Mnih et al., "Human-level control through deep reinforcement learning", Nature 2015, algorithm 1.

An agent makes one decision after another. Its state is the decisions so far, encoded as by `Space.encode`; its actions
are the legal options. A perceptron maps the state to a Q-value for each option of each decision; only those of the
legal options are used. The reward comes at the end; γ is 1. Batches of decisions are sampled from the replay memory,
and the network is trained towards

    y ← r if the walk ends within n decisions, else Q'(s⁽ⁿ⁾, argmax_u Q(s⁽ⁿ⁾, u))

where Q' is the target network, whose weights are copied from Q every `sync` batches. That Q selects the action and Q'
evaluates it is double DQN (van Hasselt, Guez & Silver, AAAI 2016, equation 4); with `double: false` Q' does both. n is
`n_step` (Sutton & Barto 2018, section 7.1): 1 in the papers, and Monte Carlo if no walk is longer. Replay is
prioritised (`replay.py`).

Actions are ε-greedy: after `initial` random proposals ε decreases linearly from 1 to `epsilon` over `anneal` trials.

Deviations: the state is a short vector, where the papers' is a screen, so two hidden layers suffice. Scores may have
any range, so the reward is the rank among the scores so far, from -1 to 1, recomputed for all trials after each one.
Adam replaces RMSProp. Known networks are not proposed again, because a repeated evaluation costs as much and teaches
little: the agent acts up to `TRIES` more times to find a new one (`repeats: true` is the papers' way). Failed trials
get the worst score so far. Weights and batches follow from the seeds of the trials, so the same trials give the same
network.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.arguments import Fraction, NotNegative, Positive, PositiveFloat, checked
from nas.controllers.backends import epsilon_greedy
from nas.controllers.backends.replay import Replay, Step
from nas.controllers.backends.scores import Floats, impute_failures, ranks
from nas.controllers.backends.vocabulary import Vocabulary
from nas.controllers.controller import Decided, ValueKind, draw_other
from nas.interrupt import stop_if_asked
from nas.space import Architecture, Choice, Space, Value
from nas.trial import Proposal, Trial

if TYPE_CHECKING:
    from nas.controllers.backends.q_network import QNetwork


@checked
class DQN:
    """The agent.

    One ask and one tell take about 10 ms of one core, mostly for `updates` small batches. Only ranks and priorities
    take time in proportion to the number of trials. `values` are in the unit of the scores; `predict` is the Q-value of
    an architecture's last decision.

    Args:
        space: where to search.
        initial: random proposals at the start.
        anneal: trials after these until ε is `epsilon`.
        epsilon: the final ε (the paper's 0.1).
        updates: batches learned after each trial.
        batch_size: decisions in a batch (the paper's 32).
        lr: learning rate of Adam.
        units: of each of the two hidden layers.
        n_step: n, how many decisions later the best Q-value is looked up.
        double: double DQN.
        sync: batches between two copies of the weights to the target network.
        priority: α; 0 samples all decisions uniformly (Schaul et al.: 0.6).
        correction: β; 1 corrects the bias of the priorities completely (Schaul et al.: 0.4, rising to 1).
        repeats: whether to propose networks that are known.
    """

    name: ClassVar = "dqn"
    value_kind: ValueKind = "Q"

    def __init__(
        self,
        space: Space,
        *,
        initial: Positive = 10,
        anneal: NotNegative = 20,
        epsilon: Fraction = 0.1,
        updates: Positive = 4,
        batch_size: Positive = 128,
        lr: PositiveFloat = 0.002,
        units: Positive = 64,
        n_step: Positive = 1,
        double: bool = True,
        sync: Positive = 20,
        priority: Fraction = 0.6,
        correction: Fraction = 0.4,
        repeats: bool = False,
    ) -> None:
        self.space = space
        self.initial = initial
        self.anneal = anneal
        self.last_epsilon = epsilon
        self.updates = updates
        self.batch_size = batch_size
        self.lr = lr
        self.units = units
        self.n_step = n_step
        self.double = double
        self.sync = sync
        self.repeats = repeats
        self._vocabulary = Vocabulary(space.universe)
        self._network: QNetwork | None = None
        self._ids: set[str] = set()
        self._scores: list[float | None] = []
        self._replay = Replay(alpha=priority, beta=correction)

    def epsilon(self, number: int) -> float:
        """ε for the proposal of this number, after the initial ones."""
        done = number - self.initial
        return self.last_epsilon if done >= self.anneal else 1 - (1 - self.last_epsilon) * done / self.anneal

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        number = len(self._scores) + len(pending)
        best: dict[tuple[Value, ...], Value] = {}

        def greedy(choice: Choice, decided: Decided) -> Value:
            before = tuple(value for _, value in decided)
            if before not in best:
                best[before] = choice.options[int(self._q(choice, decided).argmax())]
            return best[before]

        def draw() -> Architecture:
            if self._network is None or number < self.initial:
                return self.space.sample(rng)
            return epsilon_greedy.act(self.space, self.epsilon(number), greedy, rng)

        known: set[str] = set() if self.repeats else self._ids
        return Proposal(draw_other(draw, self.space, rng, pending, known=known))

    def tell(self, trial: Trial) -> None:
        self._ids.add(trial.architecture.id)
        self._replay.add(self._steps(trial.architecture))
        self._scores.append(trial.score)
        if len(self._scores) < self.initial or not self._replay.steps:
            return
        if self._network is None:
            self._network = self._new_network(trial.seed)
        rng = np.random.default_rng(trial.seed)
        rewards = ranks(impute_failures(self._scores))
        for _ in range(self.updates):
            stop_if_asked()
            self._learn(self._network, rewards, rng)

    def _steps(self, arch: Architecture) -> list[Step]:
        """The decisions of an architecture."""
        choices = self.space.choices_of(arch)
        steps = []
        for place, (choice, (name, value)) in enumerate(zip(choices, arch.choices, strict=True)):
            legal = np.zeros(len(self._vocabulary), dtype=np.bool_)
            legal[list(self._vocabulary.offer(choice))] = True
            action, left = self._vocabulary.token(name, value), len(choices) - 1 - place
            steps.append(Step(self._state(arch.choices[:place]), legal, action, left, len(self._scores)))
        return steps

    def _new_network(self, seed: int) -> "QNetwork":
        from nas.controllers.backends.q_network import QNetwork

        return QNetwork(
            len(self._vocabulary),
            units=self.units,
            lr=self.lr,
            double=self.double,
            sync=self.sync,
            seed=seed,
        )

    def _learn(self, network: "QNetwork", rewards: Floats, rng: np.random.Generator) -> None:
        """One batch: sampled by priority, learned, and given its new priorities."""
        memory = self._replay.steps
        places, weights = self._replay.sample(self.batch_size, rng)
        steps = [memory[place] for place in places]
        ends = np.array([step.left < self.n_step for step in steps])
        later = [memory[place if end else place + self.n_step] for place, end in zip(places, ends, strict=True)]
        errors = network.learn(
            states=np.stack([step.state for step in steps]),
            actions=np.array([step.action for step in steps]),
            rewards=rewards[[step.trial for step in steps]],
            ends=ends,
            later=np.stack([step.state for step in later]),
            legal=np.stack([step.legal for step in later]),
            weights=weights,
        )
        self._replay.set_errors(places, errors)

    def _state(self, decided: Decided) -> NDArray[np.float32]:
        """`(E,)` the decisions, encoded as by `Space.encode`."""
        state = np.zeros(len(self._vocabulary), dtype=np.float32)
        state[[self._vocabulary.token(name, value) for name, value in decided]] = 1
        return state

    def _q(self, choice: Choice, decided: Decided) -> NDArray[np.float32]:
        """The Q-values of the options of a decision; zeros before the first update."""
        if self._network is None:
            return np.zeros(len(choice.options), dtype=np.float32)
        return self._network.values(self._state(decided))[list(self._vocabulary.offer(choice))]

    def values(self, choice: Choice, decided: Decided) -> Sequence[float]:
        """The score at the rank that each option of a decision is expected to reach."""
        if not self._scores:
            return [0.0] * len(choice.options)
        shares = (self._q(choice, decided).clip(-1, 1) + 1) / 2
        return [float(score) for score in np.quantile(impute_failures(self._scores), shares)]

    def predict(self, arch: Architecture) -> float:
        """The Q-value of its last decision: its expected rank."""
        if not arch.choices:
            return 0.0
        last = self.space.choices_of(arch)[-1]
        return float(self._q(last, arch.choices[:-1])[last.options.index(arch.choices[-1][1])])
