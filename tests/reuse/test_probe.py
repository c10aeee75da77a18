"""Linear probes are those of scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from nas.reuse.probe import PENALTIES, probes
from nas.tasks import Classification, Multilabel, Regression

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(60, 4)) * [1, 5, 0.1, 2] + [0, 3, -1, 0]
SCALED = StandardScaler().fit_transform(FEATURES)
NOISY = SCALED @ RNG.normal(size=(4, 3)) + RNG.normal(size=(60, 3))
PENALTY = (1.0, 0.05)


@pytest.mark.parametrize("penalty", PENALTY)
def test_classes(penalty: float) -> None:
    labels = NOISY.argmax(1)
    (head,) = probes(torch.tensor(FEATURES), torch.tensor(labels), Classification(("a", "b", "c")), (penalty,))
    theirs = LogisticRegression(C=1 / (penalty * 60), tol=1e-8, max_iter=1000).fit(SCALED, labels)
    ours = torch.tensor(FEATURES).float() @ head.weight.T + head.bias
    assert np.allclose(ours.softmax(1), theirs.predict_proba(SCALED), atol=1e-3)


@pytest.mark.parametrize("penalty", PENALTY)
def test_labels(penalty: float) -> None:
    labels = (NOISY > 0).astype(np.int64)
    (head,) = probes(torch.tensor(FEATURES), torch.tensor(labels), Multilabel(("a", "b", "c")), (penalty,))
    ours = (torch.tensor(FEATURES).float() @ head.weight.T + head.bias).sigmoid()
    for place in range(3):  # the loss is a mean over the labels
        theirs = LogisticRegression(C=1 / (3 * penalty * 60), tol=1e-8, max_iter=1000).fit(SCALED, labels[:, place])
        assert np.allclose(ours[:, place], theirs.predict_proba(SCALED)[:, 1], atol=1e-3)


@pytest.mark.parametrize("penalty", PENALTY)
def test_values(penalty: float) -> None:
    """Before a network scales them."""
    values = (NOISY[:, :2] * [3, 100] + [5, -40]).astype(np.float32)
    task = Regression.fitted(("a", "b"), values)
    (head,) = probes(torch.tensor(FEATURES), torch.tensor(values), task, (penalty,))
    ours = torch.tensor(FEATURES).float() @ head.weight.T + head.bias
    # The loss is the mean over samples and two targets of squared errors, and the penalty is on half the squares.
    theirs = Ridge(alpha=penalty * 60).fit(SCALED, StandardScaler().fit_transform(values))
    assert np.allclose(ours, theirs.predict(SCALED), atol=1e-3)


def test_all_penalties_at_once() -> None:
    """Each is as if it was alone, also where the classes can be separated; features and classes may not vary."""
    features = torch.tensor(np.column_stack([FEATURES, np.full(60, 7.0)]))
    labels = torch.tensor(np.where(NOISY[:, 0] > 0, 2, 0))
    task = Classification(("a", "b", "c"))
    found = list(probes(features, labels, task))
    assert [head.penalty for head in found] == list(PENALTIES)
    for head in found[::3]:
        (alone,) = probes(features, labels, task, (head.penalty,))
        ours, theirs = (features.float() @ one.weight.T + one.bias for one in (head, alone))
        assert torch.allclose(ours.softmax(1), theirs.softmax(1), atol=0.02)
        assert ours.isfinite().all()
        assert (ours.softmax(1)[:, 1] < 0.01).all()
