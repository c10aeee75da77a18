"""Training recipes: the hyperparameters of a training."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from nas.arguments import Positive, PositiveFloat, checked
from nas.data import Augment
from nas.distillation import Distill
from nas.settings import IDENTITY_IF_SET
from nas.training.private.privacy import Privacy

Optimizer = Literal["adamw", "sgd", "muon"]
Schedule = Literal["cosine", "one_cycle"]
Compile = Literal["never", "cuda", "always"]
Penalty = Annotated[float, Field(ge=0)]


@checked
@dataclass(frozen=True)
class Recipe:
    """The hyperparameters of a training.

    Attributes:
        epochs: passes over the training samples.
        batch_size: samples per step.
        optimizer: `adamw` (Loshchilov & Hutter 2019), `sgd` with Nesterov momentum, or `muon` (Jordan et al. 2024):
            orthogonalised momentum for the weights of convolutions, linear and recurrent layers but the first and the
            last, `adamw` for all other parameters.
        lr: peak learning rate.
        schedule: `cosine`: linear warm-up, then cosine decay to 0 (Loshchilov & Hutter 2017). `one_cycle` (Smith &
            Topin 2019): the learning rate rises over the warm-up from 1/25 of the peak and falls to 1/250,000, each
            along half a cosine, while momentum (β1 of `adamw`) falls from 0.95 to 0.85 and rises again.
        warmup: fraction of the steps, in [0, 1).
        momentum: of `sgd` and `muon`, with the schedule `cosine`.
        weight_decay: L2 penalty on the weights of convolutions, linear and recurrent layers; decoupled with `adamw` and
            `muon`.
        l1: L1 penalty on the same weights.
        clip_norm: maximal norm of the gradient of all parameters, with `privacy` of that of each sample; `null`: no
            clipping.
        loss: `cross_entropy` or `focal` for classification, `bce` or `focal` for several labels, `mse` or `huber` for
            regression; `null`: the first of these.
        label_smoothing: in [0, 1), for `cross_entropy`.
        focal_gamma: exponent γ of `focal`: the greater, the less samples count that are predicted well; 0: all alike.
        class_weights: weights of the samples of each class in the loss, in the order of the classes. `balanced`:
            n / (K n_k), for n training samples, n_k of them in class k of K; of several labels, each is a pair of
            classes. A list for several labels has the weights of samples with each label. `null`: all alike.
        drop_path: probability with which the last residual branch of the network is left out for a sample, in [0, 1)
            (stochastic depth, Huang et al. 2016); it rises linearly over the branches.
        ema: decay of an exponential moving average of the weights over the steps, in (0, 1), such as 0.99. The averages
            are what is measured, and the weights of the trained network. `null`: no average.
        swa: fraction of the epochs, in (0, 1), such as 0.25: the weights at the ends of the last ones are averaged, all
            alike (Izmailov et al. 2018). In them, the learning rate stays as it is at their beginning, or at the end of
            the warm-up. The averages are what is measured then, with statistics of batch norm that are measured anew on
            the training samples, and the weights of the trained network. Not with `ema`. `null`: no average.
        patience: epochs without a better `monitor` after which a training ends. The trained network has the weights of
            its best epoch, with which its curves end. `null`: it ends with its last epoch.
        monitor: the validation metric that `patience` watches: `loss`, or one of those that are measured, such as
            `acc`.
        compile: whether training steps run the network as compiled by `torch.compile`: `never`, on `cuda`, or `always`.
        augment: augmentation of the training batches.
        distill: what the network takes over from a trained one, or from others that are trained with it. `null`:
            nothing.
        privacy: a bound on what the network tells of each training sample, which noise in the gradients keeps. It takes
            the extra `private`. `null`: there is none.
    """

    epochs: Positive = 10
    batch_size: Positive = 64
    optimizer: Optimizer = "adamw"
    lr: Annotated[float, Field(gt=0)] = 3e-3
    schedule: Annotated[Schedule, IDENTITY_IF_SET] = "cosine"
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.2
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    weight_decay: Penalty = 1e-2
    l1: Penalty = 0.0
    clip_norm: Annotated[float, Field(gt=0)] | None = 1.0
    loss: str | None = None
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    focal_gamma: Annotated[float, Field(ge=0, allow_inf_nan=False), IDENTITY_IF_SET] = 2.0
    class_weights: Annotated[Literal["balanced"] | tuple[PositiveFloat, ...] | None, IDENTITY_IF_SET] = None
    drop_path: Annotated[float, Field(ge=0, lt=1), IDENTITY_IF_SET] = 0.0
    ema: Annotated[Annotated[float, Field(gt=0, lt=1)] | None, IDENTITY_IF_SET] = None
    swa: Annotated[Annotated[float, Field(gt=0, lt=1)] | None, IDENTITY_IF_SET] = None
    patience: Annotated[Positive | None, IDENTITY_IF_SET] = None
    monitor: Annotated[str, IDENTITY_IF_SET] = "loss"
    compile: Annotated[Compile, IDENTITY_IF_SET] = "never"
    augment: Augment = field(default_factory=Augment)
    distill: Annotated[Distill | None, IDENTITY_IF_SET] = None
    privacy: Annotated[Privacy | None, IDENTITY_IF_SET] = None

    @property
    def learns(self) -> bool:
        """Whether anything is distilled."""
        return self.distill is not None and bool(self.distill.acting)

    def compiles(self, device: str) -> bool:
        """Whether steps on a type of devices, `cpu` or `cuda`, run a compiled network."""
        return self.compile in ("always", device)

    @property
    def unaveraged(self) -> int:
        """The number of epochs before those of `swa`, of which there is at least one; all without it."""
        return self.epochs if self.swa is None else self.epochs - max(1, round(self.swa * self.epochs))


FULL_LENGTH = Recipe(epochs=60)
"""The default recipe of the final stage."""
