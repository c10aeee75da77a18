"""What the parts of a page share."""

from collections.abc import Callable

from nas.analysis.judged import judge
from nas.errors import UsageError
from nas.pages.comparison.page import Options, Page
from nas.simulation.results import Results


def test_a_page_begins_with_the_notes_of_its_judgement(make_results: Callable[..., Results]) -> None:
    judged = judge(make_results(1, 1, 8, 20))
    page = Page.of(judged, Options())
    assert (
        page.missing == list(judged.notes) == ["Verdicts, ranks and the matrix of pairs need at least two controllers."]
    )
    page.missing.append("more")
    assert "more" not in judged.notes


def test_controllers_in_the_order_of_the_comparison_and_of_the_judgement(make_results: Callable[..., Results]) -> None:
    page = Page.of(judge(make_results(4, 1, 8, 60)), Options())
    assert [who.name for who in page.who] == list(page.results.controllers)
    assert [who.name for who in page.ranked] == list(page.judged.controllers)
    assert {who.place for who in page.ranked} == {0, 1, 2, 3}


def test_what_cannot_be_drawn_is_missing(make_results: Callable[..., Results]) -> None:
    def fail() -> None:
        raise UsageError("there is nothing")

    page = Page.of(judge(make_results(2, 1, 8, 20)), Options())
    assert page.draw("A plot", fail) is None  # type: ignore[arg-type]
    assert page.missing == ["A plot: there is nothing."]
    assert page.plots == []
