"""The section about the evaluations until a run is near the optimum."""

from collections.abc import Callable

from nas.analysis.judged import judge
from nas.pages.comparison.near_section import near_section
from nas.pages.comparison.page import Options, Page
from nas.simulation.results import Results
from nas.statistics.survival import survival, until_within


def _page(results: Results, **options: float) -> Page:
    return Page.of(judge(results), Options(**options))  # type: ignore[arg-type]


def test_medians_are_those_of_the_survival_curve(make_results: Callable[..., Results]) -> None:
    page = _page(make_results(2, 1, 8, 40), delta=2.0)
    (block,) = near_section(page)["blocks"]
    problem = page.results.problems[0]
    for who, row in zip(page.who, block["rows"], strict=True):
        curve = survival(*until_within([track.incumbent for track in page.tracks(problem, who)], 2.0))
        cell = row["cells"][0]  # the largest distance comes first
        assert cell.startswith("not reached (" if curve.median is None else f"{curve.median:.0f} (")


def test_without_truth_there_is_no_optimum_to_be_near(make_results: Callable[..., Results]) -> None:
    page = _page(make_results(2, 1, 8, 20, known=False))
    assert near_section(page)["blocks"] == []
    assert page.missing[-1:] == ["table-1, evaluations until near-optimal: there is no regret in percentage points."]


def test_how_many_end_near_the_optimum_is_said_beside_the_first_time(make_results: Callable[..., Results]) -> None:
    page = _page(make_results(2, 1, 8, 40), delta=2.0)
    (block,) = near_section(page)["blocks"]
    for who, row in zip(page.who, block["rows"], strict=True):
        ends = [track.recorded[-1] <= 2 for track in page.tracks(page.results.problems[0], who)]
        assert row["cells"][-1] == f"{sum(ends)} of 8"
