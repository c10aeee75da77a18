"""Losses as records: two that are equal compute the same. Importing this does not load torch.

A step never waits for its device, so numbers that a loss depends on are moved there once (`on_device`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from nas.tasks.task import Reduction

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class CrossEntropy:
    """Cross-entropy of logits `(N, K, ...)` and class indices `(N, ...)`.

    Attributes:
        label_smoothing: in [0, 1) (Szegedy et al. 2016, section 7).
        weights: of each class: the loss of a sample is multiplied by the weight of its class. The mean is over the
            number of samples, whatever their weights. None: all weights are 1.
    """

    label_smoothing: float = 0.0
    weights: tuple[float, ...] | None = None

    def __call__(self, outputs: "Tensor", targets: "Tensor", *, reduction: Reduction = "mean") -> "Tensor":
        """See `Criterion`."""
        from torch.nn import functional

        if self.weights is None and targets.ndim == 1:
            return functional.cross_entropy(outputs, targets, label_smoothing=self.label_smoothing, reduction=reduction)
        each = functional.cross_entropy(outputs, targets, label_smoothing=self.label_smoothing, reduction="none")
        return reduced(_weighted(each, targets, self.weights), reduction)


@dataclass(frozen=True)
class Focal:
    """Focal loss `-(1 - p)^γ log p` of the probability p of a sample's class (Lin et al. 2017, equation 4).

    Logits are `(N, K, ...)`, targets class indices `(N, ...)`.

    Attributes:
        gamma: γ, 0 or more; with 0, the loss is cross-entropy.
        weights: α of each class (equation 5), as for `CrossEntropy`.
    """

    gamma: float = 2.0
    weights: tuple[float, ...] | None = None

    def __call__(self, outputs: "Tensor", targets: "Tensor", *, reduction: Reduction = "mean") -> "Tensor":
        """See `Criterion`."""
        from torch.nn import functional

        each = functional.cross_entropy(outputs, targets, reduction="none")
        return reduced(_weighted(each * _doubt(each, self.gamma), targets, self.weights), reduction)


@dataclass(frozen=True)
class BinaryCrossEntropy:
    """Cross-entropy of each label, a mean over the labels: logits are `(N, K, ...)`, targets 0 or 1 alike.

    Attributes:
        gamma: the exponent of a focal loss (Lin et al. 2017), of which p is the probability of what is true of the
            label; 0: cross-entropy.
        weights: for each label, the weight of samples without and of samples with it, `(K, 2)`; None: all are 1.
    """

    gamma: float = 0.0
    weights: tuple[tuple[float, float], ...] | None = None

    def __call__(self, outputs: "Tensor", targets: "Tensor", *, reduction: Reduction = "mean") -> "Tensor":
        """See `Criterion`."""
        from torch.nn import functional

        truth = targets.to(outputs.dtype)
        each = functional.binary_cross_entropy_with_logits(outputs, truth, reduction="none")
        if self.gamma:
            each = each * _doubt(each, self.gamma)
        if self.weights is not None:
            without, having = (each_output(tuple(side), outputs) for side in zip(*self.weights, strict=True))
            each = each * (without + truth * (having - without))
        return reduced(each, reduction)


@dataclass(frozen=True)
class Standardised:
    """The error of values `(N, K, ...)` in units of standard deviations, a mean over the K targets.

    Attributes:
        loss: `mse_loss`, or `huber_loss` (Huber 1964), which is linear for errors above one standard deviation.
        std: the standard deviation of each target.
    """

    loss: Literal["mse_loss", "huber_loss"]
    std: tuple[float, ...]

    def __call__(self, outputs: "Tensor", targets: "Tensor", *, reduction: Reduction = "mean") -> "Tensor":
        """See `Criterion`."""
        from torch.nn import functional

        std = each_output(self.std, outputs)
        function: Callable[..., Tensor] = getattr(functional, self.loss)
        found = function(outputs / std, targets / std, reduction=reduction)
        if reduction == "none":
            return reduced(found, reduction)
        return found / outputs[0].numel() if reduction == "sum" else found


def reduced(each: "Tensor", reduction: Reduction) -> "Tensor":
    """The losses of samples, from those of their labels or positions `(N, ...)`: their mean, their sum, or `(N,)`."""
    samples = each.flatten(1).mean(dim=1) if each.ndim > 1 else each
    return samples if reduction == "none" else samples.mean() if reduction == "mean" else samples.sum()


def each_output(numbers: tuple[float, ...], outputs: "Tensor") -> "Tensor":
    """A number for each of K outputs, on the device of outputs `(N, K, ...)` and in a shape that fits them."""
    return on_device(numbers, outputs.device, outputs.dtype).view(1, -1, *[1] * (outputs.ndim - 2))


@cache
def on_device(numbers: tuple[float, ...], device: "torch.device", dtype: "torch.dtype") -> "Tensor":
    """Numbers as a tensor `(K,)`, which is created once for each device.

    It is never freed, because captured steps refer to its memory. There are as many as parts of data that are trained
    on: the numbers follow from their targets.
    """
    import torch

    # Scoring creates tensors in inference mode, which no training could use.
    with torch.inference_mode(mode=False):
        return torch.tensor(numbers, device=device, dtype=dtype)


def _weighted(each: "Tensor", targets: "Tensor", weights: tuple[float, ...] | None) -> "Tensor":
    return each if weights is None else each * on_device(weights, each.device, each.dtype)[targets]


def _doubt(each: "Tensor", gamma: float) -> "Tensor":
    """`(1 - p)^γ`, given `-log p`. It is kept above 0, where the derivative is infinite if γ is below 1."""
    import torch

    return (-torch.expm1(-each)).clamp(min=torch.finfo(each.dtype).tiny) ** gamma
