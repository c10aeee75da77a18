"""Samples come in batches."""

from nas.plain.scripts.samples import Samples


def test_batches() -> None:
    samples = Samples(["a", "b", "c"], [1, 2, 3])
    assert [(one.names, one.raw) for one in samples.batches(2)] == [(["a", "b"], [1, 2]), (["c"], [3])]
    assert [*Samples([], []).batches(2)] == []
