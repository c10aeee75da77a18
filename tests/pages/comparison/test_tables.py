"""The tables of the page against the runs that they are made from."""

from collections.abc import Callable

import numpy as np
import pytest

from nas.analysis.judged import judge
from nas.pages.comparison.page import Options, Page
from nas.pages.comparison.tables import cost_rows, pair_rows, problem_table
from nas.simulation.results import Results


@pytest.fixture(scope="module")
def page(make_results: Callable[..., Results]) -> Page:
    return Page.of(judge(make_results(3, 1, 12, 60)), Options())


def test_own_time_is_that_of_the_runs(page: Page) -> None:
    rows = {row["name"]: row for row in cost_rows(page)}
    for name in page.results.controllers:
        own = np.concatenate([run.own_seconds for run in page.results.runs.values() if run.controller == name])
        assert rows[name]["median"] == f"{1000 * np.median(own):.3g}"
        assert rows[name]["high"] == f"{1000 * np.quantile(own, 0.9):.3g}"


def test_every_pair_has_a_row(page: Page) -> None:
    rows = pair_rows(page)
    assert len(rows) == 3
    for row, verdict in zip(rows, page.judged.mean, strict=True):
        assert row["pair"] == f"{verdict.first} against {verdict.second}"
        assert row["outcome"] == str(verdict.outcome)
        assert row["wins"].startswith(f"{verdict.wins} of 12")


def test_means_of_a_problem(page: Page) -> None:
    table = problem_table(page, 0)
    assert {row["name"] for row in table["rows"]} == set(page.results.controllers)
    marks = [row["cells"][-1]["mark"] for row in table["rows"]]
    assert marks.count("best") == 1
    best = table["rows"][marks.index("best")]
    means = page.measures.final[0].mean(axis=1)
    assert best["name"] == list(page.results.controllers)[int(np.argmin(means))]
    assert float(best["cells"][-1]["text"].split()[0]) == pytest.approx(means.min(), abs=0.01)
