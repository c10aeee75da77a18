"""The diagnosis of a regression."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
"""The quantiles of residuals, from the lowest residual to the highest."""

POINTS = 400
"""The largest number of samples that are listed."""


@dataclass(frozen=True)
class TargetFigures:
    """How well one target is predicted, in its own unit. A residual is the prediction minus the target.

    Attributes:
        name: of the target.
        rmse: the root of the mean squared residual.
        mae: the mean absolute residual.
        bias: the mean residual.
        r2: the coefficient of determination; None: all samples have the same target.
        residuals: the `QUANTILES` of the residuals.
        points: target and prediction of at most `POINTS` samples, evenly spread over all.
    """

    name: str
    rmse: float
    mae: float
    bias: float
    r2: float | None
    residuals: tuple[float, ...]
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class RegressionDiagnosis:
    """The errors of a regression.

    Attributes:
        samples: the number of samples.
        targets: the figures of each target, in the order of the outputs.
    """

    task: ClassVar[str] = "regression"

    samples: int
    targets: tuple[TargetFigures, ...]


def diagnose_values(names: tuple[str, ...], values: NDArray[Any], targets: NDArray[Any]) -> RegressionDiagnosis:
    """The diagnosis of predicted values.

    Args:
        names: of the K targets.
        values: `(N, K)`.
        targets: `(N, K)`.
    """
    count = len(targets)
    shown = np.linspace(0, count - 1, min(count, POINTS)).round().astype(np.intp)
    found = []
    for name, given, wanted in zip(names, values.astype(np.float64).T, targets.astype(np.float64).T, strict=True):
        residuals = given - wanted
        spread = float(((wanted - wanted.mean()) ** 2).sum())
        found.append(
            TargetFigures(
                name,
                float(np.sqrt((residuals**2).mean())),
                float(np.abs(residuals).mean()),
                float(residuals.mean()),
                1 - float((residuals**2).sum()) / spread if spread else None,
                tuple(np.quantile(residuals, QUANTILES).tolist()),
                tuple(zip(wanted[shown].tolist(), given[shown].tolist(), strict=True)),
            )
        )
    return RegressionDiagnosis(count, tuple(found))
