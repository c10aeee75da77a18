"""Gradients of what networks compute."""

import pytest
import torch
from torch import nn

from nas.model.differentiable import differentiable


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_there_are_gradients_wherever_it_is_called(mode: type[torch.no_grad | torch.inference_mode]) -> None:
    network = nn.LSTM(3, 2).eval()
    with mode(), differentiable(network):
        found = [torch.backends.cudnn.enabled]
        inputs = torch.ones(4, 1, 3, requires_grad=True)
        (slope,) = torch.autograd.grad(network(inputs)[0].sum(), inputs, create_graph=True)
        assert slope.requires_grad
    with differentiable(nn.Linear(3, 2)):
        found.append(torch.backends.cudnn.enabled)
    assert [*found, torch.backends.cudnn.enabled] == [False, True, True]
