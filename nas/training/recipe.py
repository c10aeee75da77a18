"""Training recipes: the hyperparameters of a training."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from nas.arguments import Positive, PositiveFloat, checked
from nas.data import Augment
from nas.settings import IDENTITY_IF_SET

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
        loss: `cross_entropy` or `focal` for classification, `bce` or `focal` for several labels, `mse` or `huber` for
            regression; `null`: the first of these.
        label_smoothing: in [0, 1), for `cross_entropy`.
        focal_gamma: exponent γ of `focal`: the greater, the less samples count that are predicted well; 0: all alike.
        class_weights: weights of the samples of each class in the loss, in the order of the classes. `balanced`:
            n / (K n_k), for n training samples, n_k of them in class k of K; of several labels, each is a pair of
            classes. A list for several labels has the weights of samples with each label. `null`: all alike.
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
    focal_gamma: Annotated[float, Field(ge=0, allow_inf_nan=False), IDENTITY_IF_SET] = 2.0
    class_weights: Annotated[Literal["balanced"] | tuple[PositiveFloat, ...] | None, IDENTITY_IF_SET] = None
    augment: Augment = field(default_factory=Augment)


FULL_LENGTH = Recipe(epochs=60)
"""The default recipe of the final stage."""
