"""Merges that average the outputs of several networks: the last layer of an ensemble.

What is averaged is the prediction that outputs stand for, and the result is an output again, so that it is decoded as
that of a single network is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nas.ops.merge import one_shape
from nas.ops.op import Merge, Shape

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Mean(Merge):
    """The mean of values of equal shape."""

    name: ClassVar[str] = "mean"
    commutative: ClassVar[bool] = True

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        return one_shape(self.name, inputs)

    def combine(self, tensors: "Sequence[torch.Tensor]") -> "torch.Tensor":
        import torch

        return torch.stack(tuple(tensors)).mean(0)

    def source(self, names: Sequence[str]) -> str:
        return f"{_stacked(names)}.mean(0)"


@dataclass(frozen=True)
class MeanSoftmax(Merge):
    """The logarithms of the mean probabilities of the classes, which are softmax of logits over the first dimension.

    They are computed from logarithms, so that no probability is rounded to 0.
    """

    name: ClassVar[str] = "mean_softmax"
    commutative: ClassVar[bool] = True

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        return one_shape(self.name, inputs)

    def combine(self, tensors: "Sequence[torch.Tensor]") -> "torch.Tensor":
        import torch

        return torch.stack(tuple(tensors)).log_softmax(2).logsumexp(0).log_softmax(1)

    def source(self, names: Sequence[str]) -> str:
        return f"{_stacked(names)}.log_softmax(2).logsumexp(0).log_softmax(1)"


@dataclass(frozen=True)
class MeanSigmoid(Merge):
    """The logits of the mean probabilities of the labels, each of which is sigmoid of a logit, likewise."""

    name: ClassVar[str] = "mean_sigmoid"
    commutative: ClassVar[bool] = True

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        return one_shape(self.name, inputs)

    def combine(self, tensors: "Sequence[torch.Tensor]") -> "torch.Tensor":
        import torch
        from torch.nn.functional import logsigmoid

        stacked = torch.stack(tuple(tensors))
        return logsigmoid(stacked).logsumexp(0) - logsigmoid(-stacked).logsumexp(0)

    def source(self, names: Sequence[str]) -> str:
        stacked = _stacked(names)
        yes, no = (f"nn.functional.logsigmoid({sign}{stacked}).logsumexp(0)" for sign in ("", "-"))
        return f"{yes} - {no}"


def _stacked(names: Sequence[str]) -> str:
    return f"torch.stack(({', '.join(names)}{',' * (len(names) == 1)}))"
