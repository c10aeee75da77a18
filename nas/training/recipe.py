"""Training recipes: the hyperparameters of a training."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from nas.arguments import Positive, checked
from nas.data import Augment

Optimizer = Literal["adamw", "sgd"]
Penalty = Annotated[float, Field(ge=0)]


@checked
@dataclass(frozen=True)
class Recipe:
    """The hyperparameters of a training.

    Attributes:
        epochs: passes over the training samples.
        batch_size: samples per step.
        optimizer: `adamw` (Loshchilov & Hutter 2019) or `sgd` with Nesterov momentum.
        lr: peak learning rate: linear warm-up, then cosine decay to 0 (Loshchilov & Hutter 2017).
        warmup: fraction of the steps, in [0, 1).
        momentum: of `sgd`.
        weight_decay: L2 penalty on the weights of convolutions, linear and recurrent layers; decoupled with `adamw`.
        l1: L1 penalty on the same weights.
        clip_norm: maximal norm of the gradient of all parameters; `null`: no clipping.
        loss: `cross_entropy` for classification, `mse` or `huber` for regression; `null`: the first of these.
        label_smoothing: in [0, 1), for `cross_entropy`.
        augment: augmentation of the training batches.
    """

    epochs: Positive = 10
    batch_size: Positive = 64
    optimizer: Optimizer = "adamw"
    lr: Annotated[float, Field(gt=0)] = 3e-3
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.2
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    weight_decay: Penalty = 1e-2
    l1: Penalty = 0.0
    clip_norm: Annotated[float, Field(gt=0)] | None = 1.0
    loss: str | None = None
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    augment: Augment = field(default_factory=Augment)


FULL_LENGTH = Recipe(epochs=60)
"""The default recipe of the final stage."""
