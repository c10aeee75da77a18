import pytest
import torch
from torch import nn

from nas.distillation.matching import Projection, of_one_size, projections
from tests.distillation.lessons import drawn


@pytest.mark.parametrize("sizes", [(), (5,), (4, 3), (2, 3, 2)])
def test_channels_are_mapped_alike_at_each_position(sizes: tuple[int, ...]) -> None:
    """As by a convolution of the size 1, in float32."""
    project, features = Projection(3, 7), drawn(2, 3, *sizes)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = project(features)
    assert found.dtype == torch.float32
    expected = torch.einsum("oc,nc...->no...", project.linear.weight, features)
    bias = project.linear.bias.reshape(-1, *[1] * len(sizes))
    torch.testing.assert_close(found, expected + bias)


def test_equal_numbers_of_channels_are_not_mapped() -> None:
    assert [type(one) for one in projections([3, 4], [3, 5])] == [nn.Identity, Projection]


def test_sizes_are_averaged_to_the_smaller_ones() -> None:
    wide, high = torch.arange(8.0).reshape(1, 1, 2, 4), torch.arange(8.0).reshape(1, 1, 4, 2)
    own, theirs = of_one_size(wide, high)
    assert own.tolist() == [[[[0.5, 2.5], [4.5, 6.5]]]]
    assert theirs.tolist() == [[[[1, 2], [5, 6]]]]
    own, theirs = of_one_size(torch.arange(6.0).reshape(1, 1, 6), torch.ones(1, 2, 3))
    assert own.tolist() == [[[0.5, 2.5, 4.5]]]
    assert theirs.shape == (1, 2, 3)
    assert of_one_size(drawn(2, 3), drawn(2, 4))[0].shape == (2, 3)
