"""Zero-cost proxies: estimates of the quality of a network from its initial weights and one batch, without training.

All but `naswot` and `zico` are as in Abdelfattah, Mehrotra, Dudziak & Lane, "Zero-Cost Proxies for Lightweight NAS",
ICLR 2021, and their code (`foresight`): a batch of 64, weights as PyTorch initialises them, batch norms in training
mode. Higher is better. The weights of a network are those of its convolutions, linear and recurrent layers, without
biases.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nas.containment import survivable
from nas.data import Dataset
from nas.errors import EvaluationFailed, FailureKind, UsageError
from nas.model import Network
from nas.space import Architecture
from nas.tasks import Criterion
from nas.training.device import Device, pick_device
from nas.training.optimizer import decayed
from nas.training.seeding import seeded
from nas.training.workbench import network_of

BATCH = 64
"""Samples in a batch, as in the paper."""

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm, nn.GroupNorm)

RELUS = (nn.ReLU, nn.ReLU6, nn.LeakyReLU)
"""Piecewise linear activations with a kink at 0."""


def synflow(network: Network) -> float:
    """Synaptic flow (Tanaka, Kunin, Yamins & Ganguli, NeurIPS 2020): Σ |θ · ∂R/∂θ|, where R is the sum of the outputs
    for an input of ones, after every parameter is replaced by its absolute value.

    It is computed in float64, because products over many layers exceed the range of float32, and without normalisation
    layers, which would remove the scale that is measured (`synflow` with `bn=False` in `foresight`). Token indices are
    all 0.
    """
    network.double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.abs_()
    ones = torch.ones((1, *network.arch.input), dtype=torch.float64, device=network.mean.device)
    x = ones * network.std + network.mean if network.arch.tokens is None else torch.zeros_like(ones)
    _linear_flow(network)
    return _saliency(network, network(x).sum())


def snip(network: Network, inputs: Tensor, targets: Tensor, loss: Criterion) -> float:
    """Connection sensitivity (Lee, Ajanthan & Torr, "SNIP", ICLR 2019): Σ |θ · ∂L/∂θ| of the task's loss L."""
    return _saliency(network, loss(network(inputs), targets))


def grad_norm(network: Network, inputs: Tensor, targets: Tensor, loss: Criterion) -> float:
    """Σ ‖∂L/∂θ‖₂ over the tensors of weights θ, where L is the task's loss (Abdelfattah et al. 2021)."""
    gradients = _gradients(loss(network(inputs), targets), decayed(network))
    return sum(float(gradient.norm()) for gradient in gradients)


def jacob_cov(network: Network, inputs: Tensor) -> float:
    """The diversity of the gradients of the samples (Mellor, Turner, Storkey & Crowley, arXiv:2006.04647v1):
    -Σ log(λ + k) + 1/(λ + k), with k = 10⁻⁵ and the eigenvalues λ of the correlation matrix of the gradients of the
    summed outputs with respect to each (normalised) sample.

    Raises:
        UsageError: the inputs are token indices, which have no gradient.
    """
    if network.arch.tokens is not None:
        raise UsageError("jacob_cov needs inputs with a gradient, and token indices have none")
    x = inputs.to(torch.float32).requires_grad_()
    (jacobian,) = _gradients(network(x).sum(), [x])
    rows = (jacobian * network.std).flatten(1).double().cpu().numpy()
    with np.errstate(divide="ignore", invalid="ignore"):  # the correlation of a zero gradient is undefined
        correlations = np.atleast_2d(np.corrcoef(rows))
    if not np.isfinite(correlations).all():
        return -np.inf
    shifted = np.linalg.eigvalsh(correlations).clip(min=0) + 1e-5
    return -float(np.sum(np.log(shifted) + 1 / shifted))


def naswot(network: Network, inputs: Tensor) -> float:
    """How well linear regions separate the samples (Mellor, Turner, Storkey & Crowley, "Neural Architecture Search
    without Training", ICML 2021): log |det K|, where K counts the inputs of ReLUs (also of ReLU6 and leaky ReLU) that
    are on the same side of 0 for two samples. It is -∞ if two samples are in the same region, as in networks with few
    ReLUs or none.
    """
    agreeing = torch.zeros(len(inputs), len(inputs), dtype=torch.float64, device=inputs.device)

    def count(_: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        active = (arguments[0].flatten(1) > 0).to(torch.float32)
        agreeing.add_(active @ active.T).add_((1 - active) @ (1 - active).T)

    for module in network.modules():
        if isinstance(module, RELUS):
            module.register_forward_pre_hook(count)
    with torch.no_grad():
        network(inputs)
    return float(np.linalg.slogdet(agreeing.cpu().numpy())[1])


def zico(network: Network, batches: Sequence[tuple[Tensor, Tensor]], loss: Criterion) -> float:
    """Σ log Σ E|g| / σ(g), over the tensors of weights and over their elements, with the gradients g of the task's loss
    in each batch (Li, Yang, Bhardwaj & Marculescu, "ZiCo: Zero-shot NAS via Inverse Coefficient of Variation on
    Gradients", ICLR 2023, and their code). Elements whose gradient does not vary count 0, as do tensors of such
    elements only. Two batches of 64 are used, where the paper uses two of 128.
    """
    weights = decayed(network)
    found = [_gradients(loss(network(inputs), targets), weights) for inputs, targets in batches]
    total = 0.0
    for each in zip(*found, strict=True):
        stacked = torch.stack(each).double()
        spread = stacked.std(0, correction=0)
        ratios = (stacked.abs().mean(0) / spread)[spread > 0].sum()
        total += float(ratios.log()) if ratios > 0 else 0.0
    return total


def score(name: str, arch: Architecture, data: Dataset | None, *, seed: int, device: Device = "auto") -> float:
    """`measure`, and -∞ if the network fails."""
    try:
        return measure(name, arch, data, seed=seed, device=device)
    except EvaluationFailed:
        return -np.inf


def measure(name: str, arch: Architecture, data: Dataset | None, *, seed: int, device: Device = "auto") -> float:
    """The value of a proxy for an architecture; -∞ if it is undefined.

    Args:
        name: of the proxy: a function of this file, which is given its arguments by their names.
        arch: the architecture to score.
        data: its training part provides the batches; None: only for proxies of the network alone.
        seed: of the initial weights, the batches and dropout. Torch's global generators are restored.
        device: `auto`: CUDA, if it is available.

    Raises:
        EvaluationFailed: the network fails: BUILD_ERROR, OOM_HOST, OOM_CUDA or CRASH.
        UsageError: the proxy needs data, or data of another kind.
    """
    place = pick_device(device)
    proxy: Callable[..., float] = globals()[name]
    needed = inspect.signature(proxy).parameters
    if data is None and len(needed) > 1:
        raise UsageError(f"the proxy {name} needs a data set")
    with seeded(seed, place):
        with survivable(FailureKind.BUILD_ERROR):
            network = (Network(arch) if data is None else network_of(arch, data)).to(place)
        supplied: dict[str, Any] = {"network": network}
        if data is not None:
            drawn = np.random.default_rng(seed).permutation(len(data.train))[: 2 * BATCH]
            # The halves of a data set that has fewer samples than two batches.
            batches = [
                tuple(torch.from_numpy(array[chosen]).to(place) for array in data.train)
                for chosen in np.array_split(drawn, 2)
            ]
            inputs, targets = (torch.from_numpy(array[drawn[:BATCH]]).to(place) for array in data.train)
            supplied |= {"inputs": inputs, "targets": targets, "batches": batches}
            supplied["loss"] = next(iter(data.task.losses.values()))()
        with survivable(FailureKind.CRASH):
            value = proxy(**{argument: supplied[argument] for argument in needed})
    return value if np.isfinite(value) else -np.inf


def _saliency(network: Network, value: Tensor) -> float:
    weights = decayed(network)
    gradients = _gradients(value, weights)
    return sum(float((one.detach() * gradient).abs().sum()) for one, gradient in zip(weights, gradients, strict=True))


def _gradients(value: Tensor, tensors: list[nn.Parameter] | list[Tensor]) -> list[Tensor]:
    """The gradient of a value with respect to each tensor; zeros if the value does not depend on it."""
    if not value.requires_grad or not tensors:
        return [torch.zeros_like(tensor) for tensor in tensors]
    return list(torch.autograd.grad(value, tensors, materialize_grads=True))


def _pass_on(_module: nn.Module, arguments: tuple[Tensor, ...], _output: Tensor) -> Tensor:
    return arguments[0]


def _linear_flow(network: Network) -> None:
    """Replaces normalisation layers and dropout by the identity."""
    for module in network.modules():
        if isinstance(module, (*NORMS, nn.Dropout)):
            module.eval()  # batch norm cannot be trained with one sample
            module.register_forward_hook(_pass_on)
