"""The section over all problems."""

from collections.abc import Callable

import pytest

from nas.analysis.judged import judge
from nas.pages.comparison.overall_section import overall_section
from nas.pages.comparison.page import Options, Page
from nas.simulation.results import Results


@pytest.mark.parametrize(("controllers", "names"), [(3, ["ranks", "matrix", "iqm"]), (1, ["iqm"])])
def test_plots_over_all_problems(controllers: int, names: list[str], make_results: Callable[..., Results]) -> None:
    page = Page.of(judge(make_results(controllers, 2, 8, 30)), Options())
    found = overall_section(page)
    assert [plot.name for plot in page.plots] == names
    assert bool(found["test"]) == (controllers > 1), "Friedman's test compares controllers"
