"""The table of executors that files name."""

import inspect

import pytest

from nas.driver.executors.executor import Platform
from nas.driver.executors.named import EXECUTORS


@pytest.mark.parametrize("name", EXECUTORS)
def test_each_opens_what_evaluates(name: str) -> None:
    """Made without settings, with the method of the protocol."""
    made = EXECUTORS[name]()
    expected, found = inspect.signature(Platform.open), inspect.signature(type(made).open)
    assert list(found.parameters) == list(expected.parameters)
    assert made == EXECUTORS[name](), "a record of its settings"
