"""The importance of decisions."""

from nas.explanation import Importance
from nas.pages.run.importance_plot import importance_plot
from tests.pages.svg import check_inline, texts

IMPORTANCES = [Importance("body.repeat", 0.3, 0.1, 60), Importance("body.0.skip", 0.05, 0.1, 60)]


def test_it_stands_in_a_page() -> None:
    check_inline([importance_plot(IMPORTANCES)])
    assert importance_plot(IMPORTANCES) == importance_plot(IMPORTANCES)


def test_importance() -> None:
    found = texts(importance_plot(IMPORTANCES))
    assert {"body.repeat", "30.0 %", "5.0 %", "chance (95 %)"} <= set(found)
    assert importance_plot([Importance("a", 0.0, 0.0, 1)])
