"""Gradients of what networks compute, with respect to what they read."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel


@contextmanager
def differentiable(network: nn.Module) -> Iterator[None]:
    """Within this block, what a network computes has gradients, in evaluation mode too, which can be differentiated
    again.

    The gradients of fused attention cannot, and neither can those of recurrent layers of cuDNN, which have none at all
    in evaluation mode.
    """
    cudnn = torch.backends.cudnn
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        if any(isinstance(one, nn.RNNBase | torch.fx.GraphModule) for one in network.modules()):
            stack.enter_context(cudnn.flags(enabled=False, deterministic=cudnn.deterministic))
        yield
