"""The network beside its teacher."""

from collections.abc import Callable

from nas.final.diagnosed import Diagnosed, Resemblance
from nas.pages.run import RunSummary, report_html
from nas.pages.run.teacher_section import teacher_section
from tests.pages.page import check


def test_pairs_of_layers_have_numbers_and_colours(make_run: Callable[..., RunSummary]) -> None:
    seen = Resemblance(1, ("conv1", "linear1"), ("<deep>", "last"), ((1.0, -0.02), (None, 0.5)))
    html = report_html(make_run(diagnosed=Diagnosed("val", 1, None, (), resemblance=seen)))
    page = check(html)
    assert "for 1 sample of the validation data" in page.text
    assert "Layer <deep> last conv1 1.00 -0.02 linear1 – 0.50" in page.text
    for strength in (55, 0, 28):
        assert f"var(--blue) {strength}%, transparent" in html


def test_there_is_none(make_run: Callable[..., RunSummary]) -> None:
    assert teacher_section(make_run()) is None
    assert teacher_section(make_run(diagnosed=Diagnosed("test", 200, None, ()))) is None
