"""The plots of a search."""

import math
from collections.abc import Callable

from nas.pages.run import RunSummary, report_html
from nas.pages.run.search_plots import search_plots
from nas.trial import Trial
from tests.pages.page import check

MakeRun = Callable[..., RunSummary]
MakeTrial = Callable[..., Trial]


def test_metrics_that_are_not_finite(make_run: MakeRun, make_trial: MakeTrial) -> None:
    """Only those of the objectives must be; the others are shown as far as they go."""
    curves = [(math.nan, 0.5, 0.25), (math.inf, -math.inf, 0.5), (math.nan, math.nan, math.inf)]
    trials = [
        make_trial(
            number, metrics={"val_acc": 0.5, "val_acc_curve": curve, "train_loss_curve": curve, "loss": curve[0]}
        )
        for number, curve in enumerate(curves)
    ]
    check(report_html(make_run(trials=trials)))


def test_plots_that_would_be_empty_are_left_out(make_run: MakeRun, make_trial: MakeTrial, trials: list[Trial]) -> None:
    assert search_plots(make_run()) == {"trade_offs": []}
    assert set(search_plots(make_run(trials=[make_trial(0)]))) == {"trade_offs", "progress"}
    assert set(search_plots(make_run(trials=trials))) == {"trade_offs", "progress", "search-curves"}
