"""Regression: each sample has one or several values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.errors import UsageError, few
from nas.tasks.criteria import Standardised
from nas.tasks.diagnosis.regression import RegressionDiagnosis, diagnose_values
from nas.tasks.divergences import value_divergence
from nas.tasks.metric import Needs
from nas.tasks.task import NO_TUNING, Criterion
from nas.tasks.trivial import Trivial
from nas.tasks.values import is_fractional, read_values
from nas.trial import Objective

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Regression:
    """A network outputs one value per target. Targets are `(N, K)` float32, in their own units.

    Losses are computed on targets standardised by the training samples, so that recipes suit targets of any unit. The
    network reverses the standardisation at its end, and metrics are computed on the original values.

    Attributes:
        outputs: names of the targets.
        mean: mean of each target over the training samples.
        std: standard deviation, likewise; 1 for constant targets.
    """

    name: ClassVar[str] = "regression"
    word: ClassVar[tuple[str, str]] = ("target", "targets")
    meaning: ClassVar[str] = "one value for each of NAMES, in its own unit"
    prediction: ClassVar[str] = "The values (N, K) of NAMES"
    predicted: ClassVar[tuple[str, ...]] = ("values",)
    predicted_types: ClassVar[str] = "Tensor"
    predicting: ClassVar[tuple[str, ...]] = ("return outputs",)
    stratified: ClassVar[bool] = False
    objective: ClassVar[Objective] = Objective("val_rmse", "minimize")
    always: ClassVar[tuple[str, ...]] = ("loss", "rmse")
    metrics: ClassVar[tuple[str, ...]] = ("rmse", "mae", "r2", "loss")

    diagnosed: ClassVar[Needs] = "values"
    averaged: ClassVar[str] = "mean"

    outputs: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def scaling(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The mean and the standard deviation of each target."""
        return self.mean, self.std

    @property
    def tuning(self) -> Mapping[str, tuple[float, ...]]:
        """Nothing is tuned."""
        return NO_TUNING

    @property
    def losses(self) -> Mapping[str, Callable[..., Criterion]]:
        """Mean squared error, and Huber's loss (Huber 1964), linear for errors above one standard deviation."""
        return {
            "mse": partial(Standardised, "mse_loss", self.std),
            "huber": partial(Standardised, "huber_loss", self.std),
        }

    @classmethod
    def takes(cls, targets: NDArray[Any]) -> bool:
        """Whether targets are floats, and not all of them are integral."""
        return is_fractional(targets)

    @classmethod
    def read(
        cls,
        parts: Mapping[str, ArrayLike],
        samples: Mapping[str, int],
        classes: Sequence[str] | None,
        target_names: Sequence[str] | None = None,
    ) -> tuple[tuple[str, ...], Mapping[str, NDArray[Any]]]:
        """The names of the targets (by default `target`, or `target 0` and so on), and the values `(N, K)`."""
        if classes is not None:
            raise UsageError("classes: a regression has no classes")
        values = {part: read_values(part, given, samples[part]) for part, given in parts.items()}
        count = values["train"].shape[1]
        for part, array in values.items():
            if array.shape[1] != count:
                raise UsageError(f"{part} targets: expected {count} per sample, as in train, got {array.shape[1]}")
        if target_names is not None:
            return tuple(target_names), values
        return ("target",) if count == 1 else tuple(f"target {place}" for place in range(count)), values

    @classmethod
    def fitted(cls, outputs: tuple[str, ...], targets: NDArray[Any]) -> Self:
        """The task with the mean and the standard deviation of each target."""
        mean, std = targets.mean(axis=0, dtype=np.float64), targets.std(axis=0, dtype=np.float64)
        return cls(outputs, tuple(mean.tolist()), tuple(np.where(std > 0, std, 1.0).tolist()))

    def decode(self, outputs: "Tensor", needs: Needs) -> "Tensor":
        """The outputs, unchanged."""
        return outputs

    def divergence(self, outputs: "Tensor", taught: "Tensor", temperature: float = 1.0) -> "Tensor":
        """The squared differences in units of the standard deviations of the targets, a mean over the targets."""
        return value_divergence(outputs, taught, self.std)

    def tuned(self, predict: Callable[[Needs], NDArray[Any]], targets: NDArray[Any], aim: str) -> Self:
        """This task."""
        return self

    def trivial(self, targets: NDArray[Any]) -> Trivial:
        """The median of each target."""
        medians = np.median(targets.astype(np.float64), axis=0)
        shown = "the median" if len(self.outputs) == 1 else "the medians"
        text = f"always {shown} {few(f'{value:,.6g}' for value in medians)}"
        return Trivial(text, {"values": tuple(medians.tolist())})

    def diagnose(self, predictions: NDArray[Any], targets: NDArray[Any]) -> RegressionDiagnosis:
        """The errors and residuals of each target."""
        return diagnose_values(self.outputs, predictions, targets)

    def told(self, target: NDArray[Any]) -> str:
        """The value of each target."""
        return few(f"{value:.6g}" for value in target.tolist())

    def answer(self, prediction: NDArray[Any]) -> str:
        """The predicted value of each target."""
        return self.told(prediction)
