"""Spaces of many members, whose counts can be made rough."""

from typing import Any

import pytest

from nas.space import Space, load_space

UNITS = [1, 2, 3, 5, 7, 11, 13, 17]


def many(limits: Any, *, copies: int = 6) -> Space:
    layers = [{"repeat": copies, "of": [{"linear": {"units": {"choice": UNITS}}}]}]
    return load_space({"input": [19], "layers": layers, "limits": limits})


@pytest.fixture
def rough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts that are put together in few cells."""
    monkeypatch.setattr("nas.space.walks.counts.MAX_WORK", 100)
    monkeypatch.setattr("nas.space.walks.counts.MOST_CELLS", 64)
