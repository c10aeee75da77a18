"""ASHA: the promotions of algorithm 2, by hand."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from nas.controllers import ASHA, RandomSearch
from nas.driver.search import search
from nas.space import Architecture, parse_space
from nas.testing import MatchEvaluator
from nas.trial import Proposal, Trial


def test_promotions_by_hand(drive: Callable[..., Any]) -> None:
    driver = drive(lambda controller: ASHA(controller, full_epochs=9, eta=3))
    expected = [
        # (network, epochs, parent), the score that it gets
        ((0, 1, None), 0.1),
        ((1, 1, None), 0.5),
        ((2, 1, None), 0.3),
        ((1, 3, 1), 0.4),  # 3 in rung 0: the best, network 1, goes up
        ((3, 1, None), 0.6),  # the best of 4 // 3 = 1 is network 3 now
        ((3, 3, 4), 0.2),
        ((4, 1, None), 0.2),
        ((5, 1, None), 0.55),  # 6 // 3 = 2: networks 3 and 5
        ((5, 3, 7), 0.7),  # 3 in rung 1 after it: the best, network 5, goes to the top before anything else
        ((5, None, 8), 0.8),
        ((6, 1, None), 0.05),
        ((7, 1, None), 0.05),
        ((8, 1, None), 0.05),  # 9 // 3 = 3: network 1 is the third, and was promoted when it was the first
        ((9, 1, None), 0.05),
    ]
    for number, (proposal, score) in enumerate(expected):
        assert driver.ask() == proposal, number
        driver.tell(score)


def test_failures_count_as_the_worst_and_are_not_promoted(drive: Callable[..., Any]) -> None:
    driver = drive(lambda controller: ASHA(controller, full_epochs=4, eta=2))
    assert driver.run([None, None, None, None]) == [(number, 1, None) for number in range(4)]
    # 5 // 2 = 2 places, and one network that has a score.
    assert driver.run([0.1, None]) == [(4, 1, None), (4, 2, 4)]
    # It failed on its way up, and does not try again.
    assert driver.run([0.05]) == [(5, 1, None)]
    assert driver.run([0.3]) == [(5, 2, 6)]
    assert driver.run([0.2]) == [(5, None, 7)]  # 2 in rung 1, the failed one among them


def test_what_is_in_flight_is_not_promoted_again(drive: Callable[..., Any]) -> None:
    driver = drive(lambda controller: ASHA(controller, full_epochs=9, eta=3))
    driver.run([0.1, 0.5, 0.3])
    assert driver.ask() == (1, 3, 1)
    assert driver.ask() == (3, 1, None)
    assert driver.ask() == (4, 1, None)
    driver.tell(0.6, place=1)  # network 3 overtakes network 1
    assert driver.ask() == (3, 3, 3)


def test_a_network_that_is_proposed_again_is_no_second_member(hundred: Sequence[Architecture]) -> None:
    controller = ASHA(RandomSearch(parse_space("input: [4]\nlayers: [relu]")), full_epochs=4, eta=2)
    for number in range(6):
        controller.tell(Trial(number, Proposal(hundred[0], 1), 0, {}, (0.5,), 1.0, None, number))
    assert controller.ask(np.random.default_rng(0)).parent is None
    controller.tell(Trial(6, Proposal(hundred[1], 1), 0, {}, (0.4,), 1.0, None, 6))
    proposal = controller.ask(np.random.default_rng(0))
    assert proposal == Proposal(hundred[0], 2, parent=0)


def test_half_of_each_rung_goes_up() -> None:
    """Of 300 trials with η = 2 and five levels, rung k holds about 2^-k of the networks."""
    units = list(range(1, 40))
    space = parse_space(f"input: [4]\nlayers: [{{repeat: 3, of: [{{linear: {{units: {{choice: {units}}}}}}}]}}]")
    evaluator = MatchEvaluator(next(iter(space)))
    trials = list(search(ASHA(RandomSearch(space), full_epochs=16, eta=2), evaluator, trials=300))
    sizes = [
        len({trial.architecture.id for trial in trials if trial.proposal.epochs == epochs})
        for epochs in (1, 2, 4, 8, None)
    ]
    assert sizes[0] > 150
    # When the search ends, at most one promotion of each rung has not been made. Some are of networks that are not
    # among the best half any more.
    for lower, upper in pairwise(sizes):
        assert lower // 2 - 1 <= upper <= 0.75 * lower
