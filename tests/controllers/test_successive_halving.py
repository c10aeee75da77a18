"""Successive halving: its brackets by hand, one after the other and with several workers."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from nas.controllers import RandomSearch, SuccessiveHalving
from nas.errors import UsageError
from nas.space import parse_space


def test_a_bracket_by_hand(drive: Callable[..., Any]) -> None:
    driver = drive(lambda controller: SuccessiveHalving(controller, full_epochs=9, eta=3))
    asked = driver.run([0.1, 0.9, 0.3, 0.8, 0.2, 0.7, 0.4, 0.5, 0.6])
    assert asked == [(number, 1, None) for number in range(9)]
    assert driver.run([0.1, 0.3, 0.2]) == [(1, 3, 1), (3, 3, 3), (5, 3, 5)]
    assert driver.run([0.5]) == [(3, None, 10)]
    # The next bracket.
    assert driver.run([0.5] * 9) == [(9 + number, 1, None) for number in range(9)]
    # Of equal scores the first.
    assert driver.run([0.5] * 4) == [(9, 3, 13), (10, 3, 14), (11, 3, 15), (9, None, 22)]


@pytest.mark.parametrize(
    ("arguments", "sizes"),
    [
        # Li et al. 2018, table 1, the bracket s = 4.
        ({"full_epochs": 81}, {1: 81, 3: 27, 9: 9, 27: 3, None: 1}),
        ({"full_epochs": 81, "networks": 100}, {1: 100, 3: 33, 9: 11, 27: 3, None: 1}),
        ({"full_epochs": 8, "eta": 2, "networks": 16}, {1: 16, 2: 8, 4: 4, None: 2}),
    ],
)
def test_sizes(arguments: dict[str, int], sizes: dict[int | None, int], drive: Callable[..., Any]) -> None:
    driver = drive(lambda controller: SuccessiveHalving(controller, **arguments))
    asked = driver.run([number / 1000 for number in range(sum(sizes.values()))])
    assert Counter(epochs for _, epochs, _ in asked) == sizes


def test_failures_are_left_behind(drive: Callable[..., Any]) -> None:
    driver = drive(lambda controller: SuccessiveHalving(controller, full_epochs=4, eta=2))
    # Four networks, of which two should go on, and one can.
    assert len(driver.run([None, 0.1, None, None])) == 4
    assert driver.run([0.2]) == [(1, 2, 1)]
    assert driver.run([0.3]) == [(1, None, 4)]
    # If all fail, the next bracket begins.
    assert driver.run([None] * 5) == [(4 + number, 1, None) for number in range(5)]


def test_a_stage_is_complete_before_the_next(drive: Callable[..., Any]) -> None:
    driver = drive(lambda controller: SuccessiveHalving(controller, full_epochs=4, eta=2))
    for _ in range(4):
        driver.ask()
    driver.tell(0.9)
    driver.tell(0.8)
    driver.tell(0.1)
    # Network 3 is still on its way: the next bracket begins. It comes to be the best, and network 0 the second.
    assert driver.ask() == (4, 1, None)
    driver.tell(1.0)
    assert [driver.ask(), driver.ask()] == [(3, 2, 3), (0, 2, 0)]
    assert driver.ask() == (5, 1, None)
    driver.tell(0.2, place=0)  # network 4
    driver.tell(0.5, place=1)  # network 0 before network 3
    driver.tell(0.6, place=0)
    assert driver.ask() == (3, None, 6)


def test_a_bracket_must_come_to_the_end() -> None:
    space = parse_space("input: [4]\nlayers: [relu]")
    with pytest.raises(UsageError, match=r"^networks must be 9 or more, or none reaches the full training, got 8$"):
        SuccessiveHalving(RandomSearch(space), full_epochs=9, networks=8)
