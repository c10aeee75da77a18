"""Inputs that are made from a trained network: DeepInversion.

H. Yin, P. Molchanov, J. M. Alvarez, Z. Li, A. Mallya, D. Hoiem, N. K. Jha and J. Kautz, "Dreaming to Distill: Data-free
Knowledge Transfer via DeepInversion" (CVPR 2020), equations 1 to 4. Other than there,

* the loss is of inputs in units of their standard deviations, and total variation and L2 are means over numbers, not
  norms of a batch, so that weights do not depend on the size of inputs;
* inputs are not clipped to a range, which is not known of data in general;
* nothing competes with a student (equations 5 to 8): inputs follow from the teacher alone, and serve any student.
"""

import math
import warnings
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from nas.data import Dataset, Samples
from nas.descent import ADAM, Descent
from nas.distillation.answering import check_outputs
from nas.distillation.inverting import Inverting
from nas.errors import TeacherWarning, UsageError
from nas.interrupt import stop_if_asked
from nas.model import Network
from nas.model.differentiable import differentiable
from nas.model.features import layer_inputs
from nas.ops import EmbedCategories

VERSION = 1
"""Of what is computed: raised where equal settings make other inputs than before."""


def made(
    network: nn.Module,
    inverted: Inverting,
    *,
    data: Dataset | None = None,
    targets: Sequence[int] | None = None,
    device: torch.device,
) -> Samples:
    """`nas.invert`, of a network on a device, whose weights need no gradients."""
    shape, mean, std = _space(network, data, device)
    few = mean.expand(2, *shape)
    with torch.no_grad():
        count = len(data.outputs) if data is not None else network(few).shape[-1]
    check_outputs(network, few, count)
    wanted = _targets(targets, inverted.count, count).to(device)
    norms = [name for name, one in network.named_modules() if _remembers(one)]
    if inverted.statistics and not norms:
        warnings.warn(
            "the teacher has no layers of batch norm, which remember statistics of its training samples: inputs are "
            "made from its answers alone, and resemble samples less",
            TeacherWarning,
            stacklevel=2,
        )
    generator = torch.Generator().manual_seed(inverted.seed)
    found = [
        mean + std * _batch(network, inverted, mean, std, shape, part, norms, generator)
        for part in wanted.tensor_split(-(-inverted.count // inverted.batch_size))
    ]
    return Samples(torch.cat(found).cpu().numpy(), wanted.cpu().numpy())


def _space(network: nn.Module, data: Dataset | None, device: torch.device) -> tuple[tuple[int, ...], Tensor, Tensor]:
    """The shape of inputs, their mean and their standard deviation."""
    if isinstance(network, Network):
        ops = [layer.op for layer in network.arch.layers]
        if network.arch.tokens is not None or any(isinstance(op, EmbedCategories) for op in ops):
            what = "token indices" if network.arch.tokens is not None else "codes of categories"
            raise UsageError(f"teacher: expected a network of numbers, which can be made from it; it takes {what}")
        return network.arch.input, network.mean, network.std
    if data is None:
        raise UsageError("data: only a network of Archwright says what it takes; expected a data set of such inputs")
    return data.shape, torch.from_numpy(data.mean).to(device), torch.from_numpy(data.std).to(device)


def _targets(given: Sequence[int] | None, count: int, classes: int) -> Tensor:
    """The class of each input, `(count,)` int64."""
    found = torch.arange(count) % classes if given is None else torch.as_tensor(given, dtype=torch.int64)
    if found.shape != (count,) or not ((found >= 0) & (found < classes)).all():
        raise UsageError(f"targets: expected {count:,} classes from 0 to {classes - 1}, one for each input")
    return found


def _remembers(module: nn.Module) -> bool:
    """Whether a layer has statistics of what it read in its training."""
    return isinstance(module, _BatchNorm) and module.running_mean is not None


def _batch(
    network: nn.Module,
    inverted: Inverting,
    mean: Tensor,
    std: Tensor,
    shape: tuple[int, ...],
    targets: Tensor,
    norms: Sequence[str],
    generator: torch.Generator,
) -> Tensor:
    """Inputs for some targets, in units of their standard deviations."""
    found = nn.Parameter(torch.randn(len(targets), *shape, generator=generator).to(targets.device))
    optimizer = Descent([found], ADAM)
    layers = [network.get_submodule(name) for name in norms]
    with differentiable(network), layer_inputs(network, norms) as read:
        for step in range(inverted.steps):
            stop_if_asked()
            seen = _moved(found, inverted, generator)
            loss = functional.cross_entropy(network(mean + std * seen).float(), targets)
            loss = loss + inverted.l2 * found.square().mean() + inverted.total_variation * total_variation(found)
            if norms and inverted.statistics:
                loss = loss + inverted.statistics * statistics_apart(layers, [read[name] for name in norms])
            (found.grad,) = torch.autograd.grad(loss, [found])
            optimizer.step(inverted.lr * (1 + math.cos(math.pi * step / inverted.steps)) / 2)
    return found.detach()


def _moved(images: Tensor, inverted: Inverting, generator: torch.Generator) -> Tensor:
    """Images `(N, C, H, W)` as one step sees them, shifted around the edges or in a mirror; others as they are."""
    if images.ndim != 4:
        return images
    most = [round(inverted.shift * side) for side in images.shape[2:]]
    by = [int(torch.randint(-one, one + 1, (), generator=generator)) for one in most]
    mirrored = inverted.flip and bool(torch.randint(2, (), generator=generator))
    moved = images.roll(by, dims=(2, 3)) if any(by) else images
    return moved.flip(3) if mirrored else moved


def total_variation(inputs: Tensor) -> Tensor:
    """The mean absolute difference of neighbours, summed over the dimensions of positions of inputs `(N, C, ...)`; 0,
    without neighbours."""
    sides = [dim for dim in range(2, inputs.ndim) if inputs.shape[dim] > 1]
    return sum((inputs.diff(dim=dim).abs().mean() for dim in sides), inputs.new_zeros(()))


def statistics_apart(layers: Sequence[nn.Module], read: Sequence[Tensor]) -> Tensor:
    """Equation 4: for each batch norm, the length of the difference of the mean of each channel of what it reads, from
    the one that it remembers, and that of the variances; the sum over the layers."""
    found = read[0].new_zeros((), dtype=torch.float32)
    for layer, features in zip(layers, read, strict=True):
        assert isinstance(layer, _BatchNorm)  # noqa: S101  the caller has asked
        channels = features.float().transpose(0, 1).flatten(1)
        variance, mean = torch.var_mean(channels, dim=1, correction=0)
        for one, known in ((mean, layer.running_mean), (variance, layer.running_var)):
            assert known is not None  # noqa: S101
            found = found + torch.linalg.vector_norm(one - known)
    return found
