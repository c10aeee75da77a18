"""The samples of a step."""

import pytest
import torch

from nas.training.batch import Batch


@pytest.mark.parametrize(
    ("samples", "parts", "sizes"),
    [(8, 1, [8]), (8, 2, [4, 4]), (9, 2, [4, 5]), (4, 2, [2, 2]), (3, 2, [3]), (2, 2, [2]), (9, 3, [3, 3, 3])],
)
def test_parts_have_two_samples_or_more(samples: int, parts: int, sizes: list[int]) -> None:
    numbers = torch.arange(samples)
    divided = list(Batch(numbers, -numbers, numbers + 10).divided(parts))
    assert [len(part.samples) for part in divided] == sizes
    for name, whole in {"inputs": numbers, "targets": -numbers, "samples": numbers + 10}.items():
        assert torch.equal(torch.cat([getattr(part, name) for part in divided]), whole)


def test_what_samples_are_mixed_with_is_divided_too() -> None:
    numbers = torch.arange(9)
    first, second = Batch(numbers, numbers, numbers, numbers + 100, numbers / 10).divided(2)
    assert first.mixture() is not None
    assert [mixture.targets.tolist() for part in (first, second) if (mixture := part.mixture())] == [
        [100, 101, 102, 103],
        [104, 105, 106, 107, 108],
    ]
    assert second.shares is not None
    assert torch.equal(second.shares, numbers[4:] / 10)
    assert Batch(numbers, numbers, numbers).mixture() is None


def test_each_tensor_is_changed_and_none_is_made() -> None:
    batch = Batch(torch.zeros(2, 3), torch.zeros(2), torch.arange(2), more=torch.ones(5, 3)).each(lambda one: one + 1)
    assert [one is None for one in batch] == [False, False, False, True, True, False, True]
    assert batch.more is not None
    assert (batch.more == 2).all()
