"""The table of decisions."""

from collections.abc import Callable

from nas.pages.run import RunSummary, report_html
from nas.trial import Trial
from tests.pages.page import check

MakeRun = Callable[..., RunSummary]
MakeTrial = Callable[..., Trial]


def test_a_network_that_did_not_learn_is_left_out_of_the_means(
    make_run: MakeRun, make_trial: MakeTrial, trials: list[Trial]
) -> None:
    page = check(report_html(make_run(trials=[*trials[:38], make_trial(38, score=0.01)])))
    assert "1 trial far below the rest is left out." in page.text
    assert "not effects" in page.text
