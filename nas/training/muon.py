"""Muon: momentum that is orthogonalised by Newton–Schulz iterations (Jordan et al. 2024, "Muon: An optimizer for hidden
layers in neural networks").

The update of a weight matrix is replaced by the nearest matrix, roughly, whose singular values are all equal. Kernels
of convolutions are matrices of one row for each output channel, those of grouped and depthwise ones too, as in the
reference (https://github.com/KellerJordan/Muon). Any other weight `(..., rows, columns)` is a batch of matrices, each
of which is orthogonalised by itself, as the reference's iterations do. The update is scaled by 0.2 √max(rows, columns),
which gives it the RMS of those of AdamW (Liu et al. 2025, "Muon is Scalable for LLM Training", §2.2): one learning rate
and one weight decay serve the hidden matrices and all other parameters, which AdamW updates. The iterations are
computed in bfloat16 on CUDA, as in the paper, and in float32 on CPUs.
"""

import math
from typing import Final

import torch
from torch import Tensor, nn

from nas.descent import Memory, Pace, Rule, Scaling

COEFFICIENTS: Final = (3.4445, -4.7750, 2.0315)
"""Of the quintic polynomial that each iteration applies to the singular values."""
ITERATIONS: Final = 5
SMALLEST: Final = 1e-7
"""The smallest norm by which a matrix is divided."""


def muon_rule(momentum: float, *, copies: bool = False, flat: bool = True, dtype: torch.dtype | None = None) -> Rule:
    """The rule of Muon with Nesterov momentum, for parameters of two dimensions or more.

    Args:
        momentum: in [0, 1); 0.95 in the paper.
        copies: whether the first dimension of parameters counts the copies of a packed network, each a matrix of its
            own.
        flat: whether parameters are kernels `(filters, ...)`, or batches of matrices `(..., rows, columns)`.
        dtype: of the iterations; None: bfloat16 on CUDA, else float32.
    """

    def update(
        parameters: list[Tensor],
        gradients: list[Tensor],
        memory: Memory,
        decay: float,
        pace: Pace,
        scaling: Scaling,
    ) -> None:
        inertia = momentum if pace.momentum is None else pace.momentum
        for parameter, gradient, buffer in zip(parameters, gradients, memory["momentum"], strict=True):
            unscaled = gradient if scaling.grad_scale is None else gradient / scaling.grad_scale
            average = buffer.lerp(unscaled, 1 - inertia)
            moment = unscaled.lerp(average, inertia)
            matrix = moment.flatten(copies + 1) if flat else moment.flatten(0, -3) if moment.dim() > 3 else moment
            direction = orthogonalised(matrix, dtype).to(parameter.dtype).view(parameter.shape)
            rate = pace.lr * (0.2 * math.sqrt(max(matrix.shape[-2:])))
            moved = parameter * (1 - pace.lr * decay) - direction * rate
            for tensor, value in ((buffer, average), (parameter, moved)):
                found = scaling.found_inf
                tensor.copy_(value if found is None else torch.where(found == 0, value, tensor))

    return Rule({"momentum": torch.zeros_like}, update)


def orthogonalised(matrix: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    """Matrices `(..., rows, columns)`, at most one dimension before the last two, with singular values that are moved
    into about [0.7, 1.2]; those that are 0 stay 0."""
    if dtype is None:
        dtype = torch.bfloat16 if matrix.device.type == "cuda" else torch.float32
    first, second, third = COEFFICIENTS
    product = torch.addmm if matrix.dim() == 2 else torch.baddbmm
    tall = matrix.shape[-2] > matrix.shape[-1]
    x = matrix.to(dtype)
    x = x.mT if tall else x
    x = x / torch.linalg.vector_norm(x, dim=(-2, -1), keepdim=True).clamp(min=SMALLEST)
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = product(x, product(gram, gram, gram, beta=second, alpha=third), x, beta=first)
    return x.mT if tall else x


def hidden(network: nn.Module, weights: list[nn.Parameter]) -> list[nn.Parameter]:
    """Those of some weights that are in neither the first nor the last layer of the network.

    These are the first and the last module that has parameters of two dimensions or more itself, such as an embedding
    or a linear layer, but for layer norms.
    """
    layers = [
        found
        for module in network.modules()
        if not isinstance(module, nn.LayerNorm)
        and (found := [one for one in module.parameters(recurse=False) if one.ndim > 1])
    ]
    outer = {id(parameter) for layer in (*layers[:1], *layers[-1:]) for parameter in layer}
    return [parameter for parameter in weights if id(parameter) not in outer]


def kernels(network: nn.Module) -> list[Tensor]:
    """The kernels of convolutions."""
    return [one.weight for one in network.modules() if isinstance(one, nn.Conv1d | nn.Conv2d | nn.Conv3d)]
