"""Predictions by neighbours, held against scikit-learn's."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from nas.reuse import voters
from nas.reuse.voters import DOUBT, TEMPERATURE, Voters
from nas.tasks import Classification, Multilabel, Regression, Task

RNG = np.random.default_rng(0)
TRAIN, NEW = RNG.normal(size=(40, 3)), RNG.normal(size=(25, 3))
VALUES = RNG.normal(size=(40, 2)).astype(np.float32)
LABELS = (VALUES > 0).astype(np.int64)


def weights(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of neighbours, given one minus the cosine."""
    return np.asarray(np.exp((1 - distances) / TEMPERATURE))


CASES: list[tuple[Task, NDArray[np.generic], Callable[[torch.Tensor], torch.Tensor]]] = [
    (Classification(("a", "b")), LABELS[:, 0], lambda outputs: outputs.softmax(1)),
    (Multilabel(("a", "b")), LABELS, torch.sigmoid),
    (Regression(("a", "b"), (0.0, 0.0), (1.0, 1.0)), VALUES, lambda outputs: outputs),
]


@pytest.mark.parametrize(("task", "targets", "read"), CASES)
def test_those_of_scikit_learn(
    task: Task,
    targets: NDArray[np.generic],
    read: Callable[[torch.Tensor], torch.Tensor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(voters, "AT_ONCE", 400)  # ten new samples at a time
    known = Voters(torch.tensor(TRAIN), torch.tensor(targets), task)
    assert known.counts == (1, 3, 5, 10, 20)
    for count, outputs in known.outputs(torch.tensor(NEW)).items():
        settings = {"n_neighbors": count, "weights": weights, "metric": "cosine"}
        if task.name == "classification":
            expected = KNeighborsClassifier(**settings).fit(TRAIN, targets).predict_proba(NEW)
        else:
            expected = KNeighborsRegressor(**settings).fit(TRAIN, targets).predict(NEW)
        if task.name != "regression":
            expected = DOUBT + (1 - 2 * DOUBT) * expected
        assert np.allclose(read(outputs).numpy(), expected, atol=1e-5)
        assert outputs.isfinite().all()
