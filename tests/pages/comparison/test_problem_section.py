"""The section of a problem."""

from collections.abc import Callable

from nas.analysis.judged import judge
from nas.pages.comparison.page import Options, Page
from nas.pages.comparison.problem_section import problem_section
from nas.simulation.results import Results


def test_plots_of_a_problem(make_results: Callable[..., Results]) -> None:
    page = Page.of(judge(make_results(3, 2, 8, 30)), Options())
    for place in range(2):
        problem_section(page, place)
    names = [plot.name for plot in page.plots]
    assert len(names) == len(set(names))
    for place in (1, 2):
        assert sum(name.startswith(f"{place}-table-{place}-") for name in names) == 4
    assert page.missing == []
