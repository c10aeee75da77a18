"""Q-learning: equation 3 by hand, the schedule of the paper, and that it finds what is hidden."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nas.controllers import Controller, Predicting, QLearning, RandomSearch, Valuing
from nas.controllers.q_learning import SCHEDULE
from nas.driver.search import search
from nas.errors import UsageError
from nas.space import Architecture, Space, parse_space
from nas.testing import MatchEvaluator
from nas.trial import Proposal, Trial

TWO = "input: [4]\nlayers: [{name: a, choice: [relu, gelu]}, {name: b, choice: [tanh, silu]}]"


@pytest.fixture(scope="module")
def two() -> Space:
    """Two decisions of two options."""
    return parse_space(TWO)


def _trial(number: int, arch: Architecture, score: float | None) -> Trial:
    scores = None if score is None else (score,)
    return Trial(number, Proposal(arch), number, {}, scores, 1.0, None if scores else "CRASH: no", number)


def _arch(space: Space, a: str, b: str) -> Architecture:
    return space.rebuild({"a": a, "b": b})


def test_equation_3_by_hand(two: Space) -> None:
    controller = QLearning(two, trials=10, alpha=0.1, initial_q=0.5, replay=0)
    controller.tell(_trial(0, _arch(two, "relu", "tanh"), 0.9))
    # The last decision first: 0.9 · 0.5 + 0.1 · 0.9 = 0.54. The first sees its maximum: 0.9 · 0.5 + 0.1 · 0.54 = 0.504.
    table = controller.q_values()
    assert table["b", ("relu",)] == pytest.approx({"tanh": 0.54, "silu": 0.5})
    assert table["a", ()] == pytest.approx({"relu": 0.504, "gelu": 0.5})

    controller.tell(_trial(1, _arch(two, "relu", "silu"), 0.1))
    # 0.9 · 0.5 + 0.1 · 0.1 = 0.46; the maximum of the row is still 0.54: 0.9 · 0.504 + 0.1 · 0.54 = 0.5076.
    table = controller.q_values()
    assert table["b", ("relu",)] == pytest.approx({"tanh": 0.54, "silu": 0.46})
    assert table["a", ()] == pytest.approx({"relu": 0.5076, "gelu": 0.5})

    controller.tell(_trial(2, _arch(two, "gelu", "silu"), 1.0))
    table = controller.q_values()
    assert table["b", ("gelu",)] == pytest.approx({"tanh": 0.5, "silu": 0.55})
    assert table["a", ()] == pytest.approx({"relu": 0.5076, "gelu": 0.505})


def test_gamma_discounts_each_step(two: Space) -> None:
    controller = QLearning(two, trials=10, alpha=1.0, gamma=0.5, initial_q=0.0, replay=0)
    controller.tell(_trial(0, _arch(two, "relu", "tanh"), 0.8))
    assert controller.q_values() == {
        ("a", ()): {"relu": 0.4, "gelu": 0.0},
        ("b", ("relu",)): {"tanh": 0.8, "silu": 0.0},
    }


def test_lambda_mixes_the_reward_in(two: Space) -> None:
    def first(td_lambda: float) -> float:
        controller = QLearning(two, trials=10, alpha=1.0, initial_q=0.5, replay=0, td_lambda=td_lambda)
        controller.tell(_trial(0, _arch(two, "relu", "tanh"), 0.1))
        return controller.q_values()["a", ()]["relu"]

    # The row of the second decision is then {tanh: 0.1, silu: 0.5}: its maximum is 0.5, the reward 0.1.
    assert first(0.0) == pytest.approx(0.5)
    assert first(1.0) == pytest.approx(0.1)
    assert first(0.25) == pytest.approx(0.75 * 0.5 + 0.25 * 0.1)


def test_steps_look_further_ahead_by_hand() -> None:
    space = parse_space("input: [4]\nlayers: [{repeat: 3, of: [{name: x, choice: [relu, gelu]}]}]")
    arch = space.rebuild({"0.0.x": "relu", "0.1.x": "relu", "0.2.x": "relu"})

    def learned(**settings: Any) -> list[float]:
        controller = QLearning(space, trials=10, alpha=1.0, gamma=0.5, initial_q=0.5, replay=0, memory=0, **settings)
        controller.tell(_trial(0, arch, 0.2))
        return [row["relu"] for row in controller.q_values().values()]

    # The last decision learns the reward. One step: half of the maximum of the row that comes next, which is what was
    # never tried, 0.5. Two steps: a quarter of the last row's; the second decision is within two of the reward. Three:
    # nothing but the reward.
    assert learned(n_step=1) == pytest.approx([0.5 * 0.5, 0.5 * 0.5, 0.2])
    assert learned(n_step=2) == pytest.approx([0.25 * 0.5, 0.5 * 0.2, 0.2])
    assert learned(n_step=3) == pytest.approx([0.25 * 0.2, 0.5 * 0.2, 0.2])
    assert learned(n_step=9) == learned(n_step=3) == learned(td_lambda=1.0)


def test_double_q_learning_by_hand(two: Space) -> None:
    controller = QLearning(two, trials=10, alpha=0.5, initial_q=0.5, replay=0, double=True)
    # The coins of a trial are the first bits of its seed's generator, for the second decision and then for the first:
    # 1 0, 0 1 and 1 1. With 0 table A learns by the values of B.
    for seed, coins in enumerate([[1, 0], [0, 1], [1, 1]]):
        draws = random.Random(seed)
        assert [draws.getrandbits(1) for _ in range(2)] == coins

    controller.tell(_trial(0, _arch(two, "relu", "tanh"), 0.9))
    # B learns 0.7 of tanh. A still takes both for equal, and so the first; B says that it is worth 0.7: 0.6.
    table = controller.q_values()
    assert table["b", ("relu",)] == pytest.approx({"tanh": (0.5 + 0.7) / 2, "silu": 0.5})
    assert table["a", ()] == pytest.approx({"relu": (0.6 + 0.5) / 2, "gelu": 0.5})

    controller.tell(_trial(1, _arch(two, "relu", "silu"), 0.1))
    # A learns 0.3 of silu. B prefers tanh, of which A knows nothing but 0.5.
    table = controller.q_values()
    assert table["b", ("relu",)] == pytest.approx({"tanh": (0.5 + 0.7) / 2, "silu": (0.3 + 0.5) / 2})
    assert table["a", ()] == pytest.approx({"relu": (0.6 + 0.5) / 2, "gelu": 0.5})

    controller.tell(_trial(2, _arch(two, "relu", "tanh"), 0.0))
    # B learns 0.35 of tanh and then prefers silu, which is worth 0.3 by A: 0.5 · 0.5 + 0.5 · 0.3 = 0.4.
    table = controller.q_values()
    assert table["b", ("relu",)] == pytest.approx({"tanh": (0.5 + 0.35) / 2, "silu": (0.3 + 0.5) / 2})
    assert table["a", ()] == pytest.approx({"relu": (0.6 + 0.4) / 2, "gelu": 0.5})


def test_double_q_learning_does_not_overestimate(two: Space) -> None:
    """All architectures score 0 or 1 by a fair coin: 300 trials, 20 seeds, α 0.1, one step.

    The greatest of two noisy values is above 0.5 on average. Over 100 other seeds the value of the first decision was
    0.561 ± 0.063 with one table and 0.493 ± 0.052 with two.
    """

    def value(seed: int, *, double: bool) -> float:
        rng = np.random.default_rng(seed)
        controller = QLearning(two, trials=300, alpha=0.1, replay=0, memory=0, double=double)
        for number in range(300):
            trial = _trial(number, two.sample(rng), float(rng.integers(2)))
            controller.tell(replace(trial, seed=1000 * seed + number))
        return float(np.mean(list(controller.q_values()["a", ()].values())))

    single, double = (float(np.mean([value(seed, double=double) for seed in range(20)])) for double in (False, True))
    assert double < single - 0.03
    assert abs(double - 0.5) < 0.05


def test_without_repeats_every_proposal_is_new() -> None:
    space = parse_space("input: [4]\nlayers: [{repeat: 5, of: [{name: x, choice: [relu, gelu]}]}]")
    evaluator = MatchEvaluator(space.sample(np.random.default_rng(0)))

    def different(repeats: bool) -> int:
        controller = QLearning(space, trials=30, alpha=0.1, td_lambda=1, schedule=[(0.5, 1)], repeats=repeats)
        return len({trial.architecture.id for trial in search(controller, evaluator, trials=30)})

    # The last of the 32 are found by chance: with ε of 0.5 at least one in 4^5 draws is any given one, and one of three
    # that are left is missed by 100 draws with a chance of (1 - 3 / 1024)^100 at the most. The seed is fixed.
    assert different(repeats=True) < 25
    assert different(repeats=False) >= 28


def test_values_and_predictions(two: Space) -> None:
    controller = QLearning(two, trials=10, alpha=1.0, initial_q=0.5, replay=0, td_lambda=1.0)
    first, second = two.choices_of(_arch(two, "relu", "silu"))
    assert isinstance(controller, Valuing)
    assert isinstance(controller, Predicting)
    assert controller.value_kind == "Q"
    assert list(controller.values(first, ())) == [0.5, 0.5]
    controller.tell(_trial(0, _arch(two, "relu", "tanh"), 0.9))
    controller.tell(_trial(1, _arch(two, "gelu", "silu"), 0.2))
    assert list(controller.values(first, ())) == [0.9, 0.2]
    assert list(controller.values(second, [("a", "relu")])) == [0.9, 0.5]
    assert list(controller.values(second, [("a", "gelu")])) == [0.5, 0.2]
    assert controller.predict(_arch(two, "relu", "tanh")) == pytest.approx(0.9)
    assert controller.predict(_arch(two, "relu", "silu")) == pytest.approx((0.9 + 0.5) / 2)
    assert controller.predict(_arch(two, "gelu", "silu")) == pytest.approx(0.2)
    nothing = parse_space("input: [4]\nlayers: [relu]")
    alone = nothing.sample(np.random.default_rng(0))
    assert QLearning(nothing, trials=10).predict(alone) == 0.5


def test_memory_is_what_the_state_knows_of_the_past() -> None:
    space = parse_space("input: [4]\nlayers: [{repeat: 3, of: [{name: x, choice: [relu, gelu]}]}]")
    arch = space.rebuild({"0.0.x": "relu", "0.1.x": "gelu", "0.2.x": "relu"})

    def states(memory: int) -> list[tuple[Any, ...]]:
        controller = QLearning(space, trials=10, memory=memory)
        controller.tell(_trial(0, arch, 0.5))
        return [state for _, state in controller.q_values()]

    assert states(0) == [(), (), ()]
    assert states(1) == [(), ("relu",), ("gelu",)]
    assert states(2) == [(), ("relu",), ("relu", "gelu")]


def test_replay_draws_from_all_that_was_told_and_follows_from_the_seed(two: Space) -> None:
    told = [("relu", "tanh", 0.9), ("gelu", "silu", 0.2), ("relu", "silu", 0.4)]
    controller = QLearning(two, trials=10, alpha=0.1, replay=4)
    by_hand = QLearning(two, trials=10, alpha=0.1, replay=0)
    for number, (a, b, score) in enumerate(told):
        controller.tell(_trial(number, _arch(two, a, b), score))
        by_hand.tell(_trial(number, _arch(two, a, b), score))
        draws = random.Random(number)
        for index in draws.choices(range(number + 1), k=4):
            again = told[index]
            by_hand.tell(_trial(number, _arch(two, again[0], again[1]), again[2]))
    assert controller.q_values() == by_hand.q_values()


def test_a_failed_trial_is_learned_as_the_worst_so_far(two: Space) -> None:
    def learned(scores: list[float | None]) -> float:
        controller = QLearning(two, trials=10, alpha=1.0, initial_q=0.5, replay=0)
        for number, score in enumerate(scores[:-1]):
            controller.tell(_trial(number, _arch(two, "gelu", "silu"), score))
        controller.tell(_trial(len(scores), _arch(two, "relu", "tanh"), scores[-1]))
        return controller.q_values()["b", ("relu",)]["tanh"]

    assert learned([None]) == 0.5
    assert learned([None, None]) == 0.5
    assert learned([0.7, 0.2, 0.9, None]) == 0.2
    assert learned([-3.0, None]) == -3.0


# How to update: these are numbers of the paper (table 2), and change only if the paper was read wrongly.
def test_epsilon_follows_the_table_of_the_paper(two: Space) -> None:
    assert sum(share for _, share in SCHEDULE) == 2700
    controller = QLearning(two, trials=2700)
    ends = {
        1.0: 1500,
        0.9: 1600,
        0.8: 1700,
        0.7: 1800,
        0.6: 1950,
        0.5: 2100,
        0.4: 2250,
        0.3: 2400,
        0.2: 2550,
        0.1: 2700,
    }
    begin = 0
    for epsilon, end in ends.items():
        assert {controller.epsilon(number) for number in range(begin, end)} == {epsilon}
        begin = end
    assert controller.epsilon(10_000) == 0.1


def test_epsilon_is_scaled_to_the_budget(two: Space) -> None:
    controller = QLearning(two, trials=27)
    assert [controller.epsilon(number) for number in range(27)] == [1.0] * 15 + [0.9, 0.8, 0.7] + [
        *(0.6, 0.6, 0.5, 0.4, 0.4, 0.3, 0.2, 0.2, 0.1),
    ]
    own = QLearning(two, trials=10, schedule=[(1.0, 1), (0.0, 1)])
    assert [own.epsilon(number) for number in range(12)] == [1.0] * 5 + [0.0] * 7


def test_pending_trials_count_for_epsilon(two: Space) -> None:
    controller = QLearning(two, trials=4, alpha=1.0, replay=0, schedule=[(1.0, 1), (0.0, 1)])
    best, other = _arch(two, "gelu", "silu"), _arch(two, "relu", "tanh")
    controller.tell(_trial(0, best, 1.0))
    for seed in range(20):
        assert controller.ask(np.random.default_rng(seed), [Proposal(other)]).architecture == best
    assert len({controller.ask(np.random.default_rng(seed)).architecture.choices for seed in range(20)}) > 1


def test_greedy_takes_the_best_and_breaks_ties_at_random(two: Space) -> None:
    controller = QLearning(two, trials=10, alpha=0.1, replay=0, schedule=[(0.0, 1)])
    # Nothing is known: all four are equally good; one is missed in 100 draws with a chance below 4 · 0.75^100 < 1e-11.
    assert len({controller.ask(np.random.default_rng(seed)).architecture.choices for seed in range(100)}) == 4
    controller.tell(_trial(0, _arch(two, "gelu", "silu"), 0.6))
    assert {controller.ask(np.random.default_rng(seed)).architecture.id for seed in range(20)} == {
        _arch(two, "gelu", "silu").id
    }
    # 0.9 · 0.51 - 0.1 · 5 < 0.5, while 0.9 · 0.501 + 0.1 · 0.5 > 0.5: the other option of the second decision.
    controller.tell(_trial(1, _arch(two, "gelu", "silu"), -5.0))
    assert {controller.ask(np.random.default_rng(seed)).architecture.id for seed in range(20)} == {
        _arch(two, "gelu", "tanh").id
    }


def test_the_table_that_is_shown_is_a_copy(two: Space) -> None:
    controller = QLearning(two, trials=10)
    controller.tell(_trial(0, _arch(two, "relu", "tanh"), 0.9))
    controller.q_values()["a", ()]["relu"] = 100.0
    assert controller.q_values()["a", ()]["relu"] < 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_step": 2, "td_lambda": 0.5}, "n_step must be 1 where td_lambda is above 0, got 2 and 0.5"),
        (
            {"double": True, "td_lambda": 1.0},
            "double needs td_lambda below 1: with td_lambda 1, targets are rewards alone, without a best action",
        ),
        ({"schedule": ()}, "schedule needs a share above 0, got ()"),
        ({"schedule": [(1.0, 0)]}, "schedule needs a share above 0, got [(1.0, 0)]"),
        ({"schedule": [(1.5, 1)]}, "QLearning: schedule[0][0]: expected 1 or less, got 1.5"),
    ],
)
def test_arguments_that_are_refused(two: Space, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        QLearning(two, **{"trials": 10, **arguments})
    assert str(caught.value) == message


def test_it_finds_what_is_hidden() -> None:
    """300 trials, 5 seeds: the mean score of the last 30 trials, where ε is 0.1, against random search.

    Over 40 other seeds random search scored 0.25 ± 0.03, the paper's agent 0.45 ± 0.08 (its α of 0.01 is made for
    2,700 trials), and one with λ of 0.5 and α of 0.1 0.83 ± 0.06 (0.68 at the worst). The seeds are fixed; a change of
    the random numbers fails this with a chance of about 1 in 500.
    """
    space = parse_space("input: [4]\nlayers: [{repeat: 8, of: [{linear: {units: {choice: [1, 2, 3, 4]}}}]}]")
    last: dict[str, list[float]] = {"random": [], "paper": [], "lambda": []}
    for seed in range(5):
        target = MatchEvaluator(space.sample(np.random.default_rng(1000 + seed)))
        controllers: dict[str, Controller] = {
            "random": RandomSearch(space),
            "paper": QLearning(space, trials=300),
            "lambda": QLearning(space, trials=300, alpha=0.1, td_lambda=0.5),
        }
        for name, controller in controllers.items():
            scores = [trial.score or 0.0 for trial in search(controller, target, trials=300, seed=seed)]
            last[name].append(float(np.mean(scores[-30:])))
    assert np.mean(last["paper"]) > np.mean(last["random"]) + 0.08
    assert min(last["lambda"]) > 0.55


def test_values_and_prediction_by_hand(two: Space) -> None:
    """α = ½, from 0.5: a score of 1 moves both decisions to 0.75, and what was never tried stays."""
    controller = QLearning(two, trials=10, alpha=0.5, initial_q=0.5, replay=0, td_lambda=1)
    arch = _arch(two, "gelu", "tanh")
    first, second = two.choices_of(arch)
    assert (controller.values(first, ()), controller.predict(arch)) == ([0.5, 0.5], 0.5)
    controller.tell(_trial(0, arch, 1.0))
    assert controller.value_kind == "Q"
    assert controller.values(first, ()) == [0.5, 0.75]
    assert controller.values(second, arch.choices[:1]) == [0.75, 0.5]
    assert controller.values(second, (("a", "relu"),)) == [0.5, 0.5]
    assert [controller.predict(_arch(two, "gelu", b)) for b in ("tanh", "silu")] == [0.75, 0.625]


def test_a_space_without_decisions_is_predicted_as_nothing_learned() -> None:
    single = parse_space("input: [4]\nlayers: [relu]")
    assert QLearning(single, trials=1, initial_q=0.3).predict(next(iter(single))) == 0.3


def test_scores_rise_as_epsilon_falls() -> None:
    """The picture of the paper (figure 3): the mean score of each ε, with its schedule scaled to 270 trials.
    α is 0.1, because the paper's 0.01 is made for ten times as many. Over 24 other seeds the stages below scored 0.25,
    0.30, 0.37, 0.42 and 0.47 on average; in six groups of 4 the first four always rose, and the last was at least 0.20
    above the first. The seeds are fixed.
    """
    space = parse_space("input: [4]\nlayers: [{repeat: 8, of: [{linear: {units: {choice: [1, 2, 3, 4]}}}]}]")
    scores = []
    for seed in range(4):
        target = MatchEvaluator(space.sample(np.random.default_rng(1000 + seed)))
        study = search(QLearning(space, trials=270, alpha=0.1), target, trials=270, seed=seed)
        scores.append([trial.score or 0.0 for trial in study])
    mean = np.mean(scores, axis=0)
    stages = [mean[begin:end].mean() for begin, end in ((0, 150), (150, 195), (195, 225), (225, 255), (255, 270))]
    assert stages[:4] == sorted(stages[:4])
    assert stages[-1] > stages[0] + 0.1


def test_the_setting_for_small_budgets_finds_what_is_hidden() -> None:
    """200 trials, 4 seeds, one of 4^8 architectures: the setting that docs/run_files.md recommends.
    Over 30 other seeds it was found by trial 135 at the latest, after 56 on average.
    """
    space = parse_space("input: [4]\nlayers: [{repeat: 8, of: [{linear: {units: {choice: [1, 2, 3, 4]}}}]}]")
    for seed in range(4):
        target = MatchEvaluator(space.sample(np.random.default_rng(1000 + seed)))
        controller = QLearning(
            space, trials=200, alpha=0.1, td_lambda=1, memory=0, initial_q=1, repeats=False, schedule=[(0.1, 1)]
        )
        study = search(controller, target, trials=200, seed=seed)
        assert max(trial.score or 0.0 for trial in study) == 1.0
