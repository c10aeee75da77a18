"""Uniform samples, and the sizes that are estimated from them."""

import numpy as np
import pytest

from nas.space import Space, load_space, parse_space
from nas.space.walks.sampling import FEWEST, SAMPLES, Drawn, draw
from tests.space.walks.conftest import UNITS, many


def _drawn(space: Space, rng: np.random.Generator, samples: int | None = None) -> Drawn:
    return draw(space.outline, rng, samples, exact=space.counted is not None)


def test_a_sample_is_that_of_the_space() -> None:
    space, rng = many({"params": 500}), np.random.default_rng(3)
    sampled = [space.sample(rng) for _ in range(20)]
    drawn = _drawn(space, np.random.default_rng(3), 20)
    assert [outline.choices for outline in drawn.outlines] == [arch.choices for arch in sampled]
    assert [outline.cost for outline in drawn.outlines] == [arch.cost for arch in sampled]
    assert _drawn(space, np.random.default_rng(3), 5).outlines == drawn.outlines[:5]


def test_where_counts_are_exact_each_member_stands_for_the_whole_space() -> None:
    for space in (many({"params": 500}), many({}, copies=1), parse_space("input: [4]\nlayers: [relu]")):
        assert _drawn(space, np.random.default_rng(0), 20).estimate() == (space.size, 0)


def test_rounded_counts_beyond_the_range_of_float(rough: None) -> None:
    # 2^1200 networks of each cost: sizes are estimated as those without them are.
    pair = {"choice": [["relu"], ["gelu"]]}
    layers = [{"repeat": 6, "of": [{"linear": {"units": {"choice": UNITS}}}]}, {"repeat": 1000, "of": [pair]}]
    limits = {"params": 500}
    large = _drawn(load_space({"input": [19], "layers": layers, "limits": limits}), np.random.default_rng(0), 200)
    size, error = large.estimate()
    smaller, _ = _drawn(many(limits), np.random.default_rng(0), 200).estimate()
    assert abs(size - (smaller << 1000)) < 4 * error
    assert 0 < error < size // 10


def test_walks_that_are_long_make_a_sample_small(monkeypatch: pytest.MonkeyPatch) -> None:
    space, rng = many({}), np.random.default_rng(0)
    assert len(_drawn(space, rng).outlines) == SAMPLES
    monkeypatch.setattr("nas.space.walks.sampling.MAX_DECISIONS", 200)
    assert len(_drawn(space, rng).outlines) == 34, "six decisions each"
    monkeypatch.setattr("nas.space.walks.sampling.MAX_DECISIONS", 1)
    assert len(_drawn(space, rng).outlines) == FEWEST
    assert len(_drawn(space, rng, 50).outlines) == 50, "what is asked for is drawn"
