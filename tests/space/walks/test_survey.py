"""What is told of a space: its size, its options and a sample."""

import re
from typing import Any

import numpy as np
import pytest

from nas.space import Space, load_space, parse_space
from nas.space.walks.survey import FEWEST, SAMPLES, draw, survey

UNITS = [1, 2, 3, 5, 7, 11, 13, 17]


def _many(limits: Any, *, copies: int = 6) -> Space:
    layers = [{"repeat": copies, "of": [{"linear": {"units": {"choice": UNITS}}}]}]
    return load_space({"input": [19], "layers": layers, "limits": limits})


@pytest.fixture
def rough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts that are put together in few cells."""
    monkeypatch.setattr("nas.space.walks.counts.MAX_WORK", 100)
    monkeypatch.setattr("nas.space.walks.counts.MOST_CELLS", 64)


def test_a_sample_is_that_of_the_space() -> None:
    space, rng = _many({"params": 500}), np.random.default_rng(3)
    sampled = [space.sample(rng) for _ in range(20)]
    drawn = draw(space, np.random.default_rng(3), 20)
    assert [outline.choices for outline in drawn.outlines] == [arch.choices for arch in sampled]
    assert [outline.cost for outline in drawn.outlines] == [arch.cost for arch in sampled]
    assert draw(space, np.random.default_rng(3), 5).outlines == drawn.outlines[:5]


def test_where_counts_are_exact_each_member_stands_for_the_whole_space() -> None:
    for space in (_many({"params": 500}), _many({}, copies=1), parse_space("input: [4]\nlayers: [relu]")):
        assert draw(space, np.random.default_rng(0), 20).estimate() == (space.size, 0)


def test_rounded_counts_beyond_the_range_of_float(rough: None) -> None:
    # 2^1200 networks of each cost: sizes are estimated as those without them are.
    pair = {"choice": [["relu"], ["gelu"]]}
    layers = [{"repeat": 6, "of": [{"linear": {"units": {"choice": UNITS}}}]}, {"repeat": 1000, "of": [pair]}]
    limits = {"params": 500}
    large = draw(load_space({"input": [19], "layers": layers, "limits": limits}), np.random.default_rng(0), 200)
    size, error = large.estimate()
    smaller, _ = draw(_many(limits), np.random.default_rng(0), 200).estimate()
    assert abs(size - (smaller << 1000)) < 4 * error
    assert 0 < error < size // 10


def test_walks_that_are_long_make_a_sample_small(monkeypatch: pytest.MonkeyPatch) -> None:
    space, rng = _many({}), np.random.default_rng(0)
    assert len(draw(space, rng).outlines) == SAMPLES
    monkeypatch.setattr("nas.space.walks.survey.MAX_DECISIONS", 200)
    assert len(draw(space, rng).outlines) == 34, "six decisions each"
    monkeypatch.setattr("nas.space.walks.survey.MAX_DECISIONS", 1)
    assert len(draw(space, rng).outlines) == FEWEST
    assert len(draw(space, rng, 50).outlines) == 50, "what is asked for is drawn"


def test_options_that_none_takes_are_told_apart() -> None:
    found = survey(_many({"params": 20 + 2 + 2 + 2 + 2 + 4}), samples=5)
    assert found.size == found.space.size == 2
    assert found.choices["0.0.0.linear.units"] == (1,)
    assert found.unreached["0.0.0.linear.units"] == tuple(UNITS[1:])
    assert found.choices["0.5.0.linear.units"] == (1, 2)
    free = survey(_many({}), samples=5)
    assert free.unreached == {}
    assert free.choices == free.space.universe


def test_the_record() -> None:
    space = _many({"params": 500})
    found = survey(space, samples=10, seed=4)
    assert found.example == space.sample(np.random.default_rng(4))
    assert found.to_dict() == space.describe(samples=10, seed=4)
    params = sorted(found.costs["params"])
    assert found.quantiles("params")["min"] == params[0]
    assert found.quantiles("params")["max"] == params[-1]
    assert found.size_note == "exact"


def test_a_size_that_is_not_known_is_estimated_from_the_sample(rough: None) -> None:
    space = _many({"params": 500})
    found = survey(space, samples=30)
    assert found.size is space.counted is None
    assert re.fullmatch(r"too large to count under its limits; estimated \S+ ± \S+", found.size_note)
