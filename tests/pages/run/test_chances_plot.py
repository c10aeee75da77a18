"""The ROC curve, and the calibration."""

import numpy as np

from nas.pages.run.chances_plot import calibration_plot, roc_plot
from nas.tasks import Classification
from tests.pages.svg import check_inline, texts

RNG = np.random.default_rng(0)
CHANCES = RNG.random(200)
FOUND = Classification(("no", "yes")).diagnose(
    np.stack([1 - CHANCES, CHANCES], axis=1), (RNG.random(200) < CHANCES).astype(np.int64)
)


def test_they_stand_in_a_page() -> None:
    assert FOUND.roc is not None
    check_inline([roc_plot(FOUND.roc), calibration_plot(FOUND.calibration)])
    assert f"area {FOUND.roc.auc:.4f}" in texts(roc_plot(FOUND.roc))


def test_bins_without_samples_are_passed_over() -> None:
    sure = Classification(("no", "yes")).diagnose(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([1, 0]))
    svg = calibration_plot(sure.calibration)
    check_inline([svg])
    assert "nan" not in svg
