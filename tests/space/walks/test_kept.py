"""Spaces kept to some of their members."""

import numpy as np
import pytest

from nas.controllers import QLearning
from nas.errors import UsageError
from nas.space import Space, load_space
from nas.testing import check_controller


@pytest.fixture
def space() -> Space:
    return load_space(
        {
            "input": [4],
            "outputs": 2,
            "layers": [
                {"name": "r", "repeat": {"choice": [1, 2, 3]}, "of": [{"linear": {"units": {"choice": [2, 4]}}}]},
                {"choice": ["relu", "gelu"]},
                {"linear": {"units": "outputs"}},
            ],
        }
    )


def test_walks_stay_among_the_members(space: Space) -> None:
    members = [arch.choices for arch in space][::3]
    kept = space.keep(members)
    assert kept.size == len(members)
    assert [arch.choices for arch in kept] == members
    rng = np.random.default_rng(0)
    counts = dict.fromkeys(members, 0)
    arch = kept.sample(rng)
    for _ in range(2000):
        counts[kept.sample(rng).choices] += 1
        arch = kept.mutate(arch, rng)
        assert arch.choices in counts
        assert kept.cross(arch, kept.sample(rng), rng).choices in counts
    expected = 2000 / len(members)
    assert all(abs(count - expected) < 6 * expected**0.5 for count in counts.values()), "each is equally likely"
    assert {one.choices for one in kept.neighbours(arch)} <= set(members)
    assert kept.rebuild(dict(members[1])).choices == members[1]
    with pytest.raises(UsageError, match="is not an option here"):
        kept.rebuild(dict(next(arch.choices for arch in space if arch.choices not in counts)))
    check_controller(lambda: QLearning(kept, trials=10), kept)


def test_what_a_kept_space_is(space: Space) -> None:
    members = [arch.choices for arch in space]
    kept, other = space.keep(members[:2]), space.keep(members[1:3])
    assert len({space.fingerprint, kept.fingerprint, other.fingerprint}) == 3
    assert space.keep(members[1::-1]).fingerprint == kept.fingerprint, "in any order"
    assert kept.universe == space.universe
    assert kept.describe(samples=10)["size"] == 2


def test_what_cannot_be_kept(space: Space) -> None:
    members = [arch.choices for arch in space]
    for wrong, message in (
        ([], "no member is kept"),
        ([(("other", 1),)], "a member decides other where others decide"),
        ([members[0][:-1], members[0]], "where others decide"),
        ([members[0], members[0][:-1]], "a member ends where others decide"),
    ):
        with pytest.raises(UsageError, match=message):
            space.keep(wrong).check()
    with pytest.raises(UsageError, match="where the space asks"):
        next(iter(space.keep([members[0][:-1]])))
    limited = load_space({**space.source, "limits": {"params": 1000}}, input=(4,), outputs=2)
    with pytest.raises(UsageError, match="has limits"):
        limited.keep(members)
