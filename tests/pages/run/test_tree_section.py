"""The rules of the tree."""

from collections.abc import Callable

import pytest

from nas.final.diagnosed import Diagnosed
from nas.knowledge.tree import Rule, Tree
from nas.pages.run import RunSummary, report_html
from nas.pages.run.tree_section import tree_section
from tests.pages.page import check

RULES = (Rule(("<age> ≤ 3", "job is clerk"), "<cat>", 0.9, 0.25), Rule(("<age> > 3",), "dog", 0.8, 0.75))


@pytest.mark.parametrize(
    ("tree", "texts"),
    [
        (
            Tree(2, 0.914, 0.6, 1000, 200, RULES),
            (
                "for 1,000 training samples, not to what is right.",
                "for 91.4 % of 200 samples of the test data; the most frequent answer is given for 60.0 %.",
                "<age> ≤ 3 and job is clerk <cat> 25.0 % 90.0 %",
            ),
        ),
        (
            Tree(0, 0.5, 0.0, 30, 1, (Rule((), "17", None, 1.0),)),
            ("explains 50.0 % of the variance (R²) of the answers of the network for 1 sample", "always 17 100.0 %"),
        ),
    ],
)
def test_rules_and_fidelity(make_run: Callable[..., RunSummary], tree: Tree, texts: tuple[str, ...]) -> None:
    run = make_run(diagnosed=Diagnosed("test", 200, None, (), tree))
    page = check(report_html(run))
    for text in texts:
        assert text in page.text.replace("\u00a0", " ")
    assert ("Agreement" in page.text) == (tree.fidelity > 0.9)


def test_there_is_none(make_run: Callable[..., RunSummary]) -> None:
    assert tree_section(make_run()) is None
    assert tree_section(make_run(diagnosed=Diagnosed("test", 200, None, ()))) is None
