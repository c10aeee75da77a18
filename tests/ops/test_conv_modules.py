"""Modules with a forward of their own: each can be made again from its `arguments`."""

import inspect

import pytest
import torch
from torch import Tensor, nn

from nas.ops import conv_modules
from nas.ops.conv_modules import ChannelNorm, LayerScale, Residual, SqueezeExcitation, Truncate, TwoPhases, Zero

MODULES: list[nn.Module] = [
    Residual(nn.ReLU()),
    Residual(nn.ReLU(), nn.Conv1d(4, 4, 1)),
    SqueezeExcitation(nn.Sigmoid()),
    ChannelNorm(4),
    ChannelNorm(4, eps=1e-6),
    LayerScale(4),
    TwoPhases(nn.Conv1d(4, 2, 1), nn.Conv1d(4, 2, 1)),
    Zero(),
    Zero(2),
    Truncate(3),
]


def test_all_are_covered() -> None:
    classes = {value for value in vars(conv_modules).values() if inspect.isclass(value) and value is not Tensor}
    assert classes == {type(module) for module in MODULES}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: type(module).__name__)
def test_arguments_make_it_again(module: nn.Module) -> None:
    arguments = getattr(module, "arguments")  # noqa: B009  nn.Module says that its attributes are modules or tensors
    again = type(module)(**arguments)
    assert again.state_dict().keys() == module.state_dict().keys()
    again.load_state_dict(module.state_dict())
    x = torch.randn(3, 4, 6, generator=torch.Generator().manual_seed(0))
    assert torch.equal(again(x), module(x))


def test_defaults_are_left_out() -> None:
    assert Zero().arguments == {}
    assert Zero(2).arguments == {"stride": 2}
    assert Residual(nn.ReLU()).arguments.keys() == {"body"}


def test_channel_norm_is_over_the_channels_of_each_place() -> None:
    x = torch.randn(2, 8, 3, 4, generator=torch.Generator().manual_seed(0))
    y = ChannelNorm(8)(x)
    torch.testing.assert_close(y.mean(dim=1), torch.zeros(2, 3, 4), atol=1e-6, rtol=0)
    torch.testing.assert_close(y.var(dim=1, correction=0), torch.ones(2, 3, 4), atol=1e-4, rtol=0)


def test_the_odd_places_of_a_map_are_moved_along_every_axis() -> None:
    module = TwoPhases(nn.Identity(), nn.Identity())
    x = torch.arange(4.0).reshape(1, 1, 2, 2)
    assert module(x).tolist() == [[[[0, 1], [2, 3]], [[3, 0], [0, 0]]]]
