"""The deep Q-network: batches by hand, what ε does, and that it finds what is hidden."""

from typing import Any, ClassVar

import numpy as np
import pytest

from nas.controllers import DQN, Controller, Predicting, RandomSearch, Valuing
from nas.driver.search import search
from nas.space import Architecture, Space, parse_space
from nas.testing import MatchEvaluator
from nas.trial import Proposal, Trial

TWO = "input: [4]\nlayers: [{name: a, choice: [relu, gelu]}, {name: b, choice: [tanh, silu]}]"


@pytest.fixture(scope="module")
def two() -> Space:
    """Two decisions of two options; the columns of the encoding are relu, gelu, tanh, silu."""
    return parse_space(TWO)


@pytest.fixture(scope="module")
def eight() -> Space:
    """Eight decisions of four options: 65,536 architectures."""
    return parse_space("input: [4]\nlayers: [{repeat: 8, of: [{linear: {units: {choice: [1, 2, 3, 4]}}}]}]")


def _trial(number: int, arch: Architecture, score: float | None) -> Trial:
    scores = None if score is None else (score,)
    return Trial(number, Proposal(arch), number, {}, scores, 1.0, None if scores else "CRASH: no", number)


def _arch(space: Space, a: str, b: str) -> Architecture:
    return space.rebuild({"a": a, "b": b})


class Recorder:
    """In the place of a network: keeps the last batch."""

    batch: ClassVar[dict[str, Any]] = {}

    def __init__(self, columns: int, **settings: Any) -> None:
        pass

    def learn(self, **batch: Any) -> Any:
        Recorder.batch = batch
        return np.zeros(len(batch["actions"]))


@pytest.mark.parametrize("n_step", [1, 2])
def test_a_batch_by_hand(two: Space, n_step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.controllers.backends.q_network.QNetwork", Recorder)
    controller = DQN(two, initial=2, updates=1, batch_size=64, n_step=n_step)
    controller.tell(_trial(0, _arch(two, "relu", "silu"), 0.3))
    controller.tell(_trial(1, _arch(two, "gelu", "tanh"), 0.8))
    relu, gelu, tanh, silu = range(4)
    found = set()
    for state, action, reward, end, later, legal in zip(
        *(Recorder.batch[name] for name in ("states", "actions", "rewards", "ends", "later", "legal")), strict=True
    ):
        open_ = () if end else (tuple(np.flatnonzero(later)), tuple(np.flatnonzero(legal)))
        found.add((tuple(np.flatnonzero(state)), int(action), float(reward), bool(end), open_))
    # One of the four decisions is missed by 64 draws with a chance of 4 · 0.75^64 < 1e-7. The ranks are -½ and ½.
    first = (True, ()) if n_step == 2 else None
    assert found == {
        ((), relu, -0.5, *(first or (False, ((relu,), (tanh, silu))))),
        ((relu,), silu, -0.5, True, ()),
        ((), gelu, 0.5, *(first or (False, ((gelu,), (tanh, silu))))),
        ((gelu,), tanh, 0.5, True, ()),
    }
    assert Recorder.batch["weights"] == pytest.approx(np.ones(64))


def test_one_step_learns_the_best_that_can_follow_and_many_steps_the_mean(two: Space) -> None:
    """The four networks rank -0.75, -0.25, 0.25 and 0.75: after `relu` the worst or the best, 0 on average."""
    scores = {("relu", "silu"): 0.1, ("gelu", "tanh"): 0.2, ("gelu", "silu"): 7.0, ("relu", "tanh"): 9.0}

    def learned(n_step: int) -> list[float]:
        controller = DQN(two, initial=4, n_step=n_step, updates=20, batch_size=32, units=32, lr=0.01)
        for number, ((a, b), score) in enumerate([*scores.items()] * 8):
            controller.tell(_trial(number, _arch(two, a, b), score))
        predicted = [controller.predict(_arch(two, *pair)) for pair in scores]
        assert predicted == pytest.approx([-0.75, -0.25, 0.25, 0.75], abs=0.1)
        first, second = two.choices_of(_arch(two, "relu", "tanh"))
        # The scores at the ranks ±0.75: the highest and the lowest, within a sixteenth of the range or so.
        assert controller.values(second, [("a", "relu")]) == pytest.approx([9.0, 0.1], abs=1.0)
        return list(controller.values(first, ()))

    assert learned(1) == pytest.approx([9.0, 7.0], abs=1.0)
    assert max(learned(2)) <= 7.0, "the ranks are 0: the median, which lies between 0.2 and 7"


def test_what_it_believes_before_it_learned(two: Space) -> None:
    controller = DQN(two, initial=3)
    first, _ = two.choices_of(_arch(two, "relu", "tanh"))
    assert isinstance(controller, Valuing)
    assert isinstance(controller, Predicting)
    assert controller.value_kind == "Q"
    assert controller.values(first, ()) == [0.0, 0.0]
    assert controller.predict(_arch(two, "relu", "tanh")) == 0.0
    controller.tell(_trial(0, _arch(two, "relu", "silu"), 0.3))
    controller.tell(_trial(1, _arch(two, "relu", "tanh"), 0.5))
    assert controller.values(first, ()) == pytest.approx([0.4, 0.4])  # the median
    nothing = parse_space("input: [4]\nlayers: [relu]")
    assert DQN(nothing).predict(nothing.sample(np.random.default_rng(0))) == 0.0


def test_epsilon_falls_linearly(two: Space) -> None:
    controller = DQN(two, initial=10, anneal=4, epsilon=0.2)
    assert [controller.epsilon(number) for number in range(10, 17)] == pytest.approx(
        [1.0, 0.8, 0.6, 0.4, 0.2, 0.2, 0.2]
    )
    assert DQN(two, initial=10, anneal=0, epsilon=0.2).epsilon(10) == 0.2


def test_it_begins_at_random_and_then_acts_greedily(two: Space) -> None:
    controller = DQN(two, initial=8, anneal=0, epsilon=0.0, updates=40, repeats=True)
    scores = {("relu", "silu"): 0.1, ("gelu", "tanh"): 0.9, ("gelu", "silu"): 0.5, ("relu", "tanh"): 0.3}
    told = [*scores.items()] * 2

    def proposals(pending: int = 0) -> set[str]:
        flying = [Proposal(_arch(two, "relu", "silu"))] * pending
        return {controller.ask(np.random.default_rng(seed), flying).architecture.id for seed in range(40)}

    for number, ((a, b), score) in enumerate(told):
        assert len(proposals()) == 4, "all of them, but for a chance of 4 · 0.75^40 < 1e-4"
        controller.tell(_trial(number, _arch(two, a, b), score))
    assert proposals() == {_arch(two, "gelu", "tanh").id}
    assert proposals(pending=1) == {_arch(two, "gelu", "tanh").id}


def test_only_the_order_of_the_scores_counts(eight: Space) -> None:
    def proposed(of: Any) -> list[str]:
        controller = DQN(eight, initial=5, anneal=5)
        target = MatchEvaluator(eight.sample(np.random.default_rng(7)))
        ids = []
        for number in range(25):
            arch = controller.ask(np.random.default_rng(number)).architecture
            score = float(target(arch, epochs=None, seed=0)["val_acc"])  # type: ignore[arg-type]  # no curve
            controller.tell(_trial(number, arch, of(score)))
            ids.append(arch.id)
        return ids

    assert proposed(lambda score: score) == proposed(lambda score: -1e6 + 1e5 * score**3)


def test_what_is_known_is_not_proposed_again() -> None:
    space = parse_space("input: [4]\nlayers: [{repeat: 5, of: [{name: x, choice: [relu, gelu]}]}]")
    evaluator = MatchEvaluator(space.sample(np.random.default_rng(0)))

    def different(repeats: bool) -> int:
        controller = DQN(space, initial=4, anneal=4, epsilon=0.3, updates=1, repeats=repeats)
        return len({trial.architecture.id for trial in search(controller, evaluator, trials=26)})

    # Of 32 networks at least 7 are left; with ε of 0.3 that which is farthest from the best comes up in a draw with a
    # chance of 0.15^5, the nearest with one of 0.15 · 0.85^4. The seed is fixed.
    assert different(repeats=False) >= 25
    assert different(repeats=True) < 22


def test_it_finds_what_is_hidden(eight: Space) -> None:
    """100 trials, 3 seeds: the mean score of the last 20 trials, and the best one.

    Over 6 other seeds the last 20 scored 0.67 to 0.81, and 0.20 to 0.30 in random search; the best was always 1, and
    0.75 at the most there. The seeds are fixed.
    """
    for seed in range(3):
        target = MatchEvaluator(eight.sample(np.random.default_rng(1000 + seed)))
        controllers: dict[str, Controller] = {"random": RandomSearch(eight), "dqn": DQN(eight)}
        scores = {
            name: [trial.score or 0.0 for trial in search(controller, target, trials=100, seed=seed)]
            for name, controller in controllers.items()
        }
        assert np.mean(scores["dqn"][-20:]) > np.mean(scores["random"][-20:]) + 0.3
        assert max(scores["dqn"]) > max(scores["random"])
