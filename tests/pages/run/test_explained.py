"""What a search has learned, in words; and the section of the page."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from nas import QLearning
from nas.explanation import (
    Decision,
    Explanation,
    Greedy,
    Importance,
    Importances,
    Moment,
    Predictions,
    RankCorrelation,
    Window,
    explain_study,
)
from nas.pages.run import RunSummary, report_html
from nas.pages.run.explained import (
    DECISIONS,
    explained,
    greedy_text,
    importance_rows,
    importances_text,
    left_out,
    predictions_text,
    row_of,
    telling,
)
from nas.space import Architecture, Space
from nas.trial import Objective, Trial

MakeRun = Callable[..., RunSummary]
MakeTrial = Callable[..., Trial]

PLOTS = ["option-values", "history", "predictions", "windows", "importance"]
TAKEN = Decision("body.0.conv.width", (8, 16, 32), (0.25, 0.5, None), taken=1, tried=(1, 2, 0), best=0)
TIED = Decision("flat", ("none", None), (0.5, 0.5), taken=0, tried=(1, 2), best=0)
SINGLE = Decision("single", (1, 2), (None, 0.5), taken=1, tried=(0, 3), best=None)


def arch(space: Space) -> Architecture:
    return space.sample(np.random.default_rng(0))


def test_the_page_has_the_section(learned: RunSummary) -> None:
    html = report_html(learned)
    assert "<h2>What the search has learned</h2>" in html
    for name in PLOTS:
        assert f'id="{name}-figure_1"' in html
    without = report_html(replace(learned, explanation=None))
    assert "What the search has learned" not in without
    assert len(html.split("<tbody>")) == len(without.split("<tbody>")) + 1


def test_the_section_of_a_short_run(learned: RunSummary, space: Space) -> None:
    """It says what is missing instead of drawing it."""
    for count in (1, 5):
        trials = [trial for trial in learned.trials if trial.scores][:count]
        explanation = explain_study(trials, space, QLearning(space, trials=80))
        section = explained(explanation, trials, Objective("val_acc"))
        assert section is not None
        assert list(section["plots"]) == ["option-values", "history"]
        assert "too few for a rank correlation" in section["predictions"]
        assert "Importances need 20 networks with a score" in section["importances"]
    html = report_html(replace(learned, trials=trials, explanation=explanation))
    assert "Importances need 20 networks" in html


def test_no_section_before_there_is_a_score(make_run: MakeRun, make_trial: MakeTrial, space: Space) -> None:
    failed = [make_trial(n, error="CRASH: no") for n in range(3)]
    for trials in ([], failed):
        explanation = explain_study(trials, space, QLearning(space, trials=5))
        assert explained(explanation, trials, Objective("val_acc")) is None
        assert "has learned" not in report_html(make_run(trials=trials, explanation=explanation))


def test_a_controller_that_believes_nothing(learned: RunSummary, space: Space) -> None:
    explanation = explain_study(learned.trials, space)
    section = explained(explanation, learned.trials, Objective("val_acc"))
    assert section is not None
    assert list(section["plots"]) == ["importance"]
    html = report_html(replace(learned, explanation=explanation))
    assert "Predictions" not in html
    assert "greedy" not in html


def test_everything_is_escaped(learned: RunSummary) -> None:
    """Names of a space hold no markup, and the page does not rely on it."""
    nasty = "<script>alert('x')</script>"
    assert learned.explanation is not None
    assert learned.explanation.greedy is not None
    decision = Decision(nasty, (nasty, 1), (0.5, 0.4), taken=0, tried=(1, 1), best=1)
    importances = Importances((Importance(nasty, 0.5, 0.1, 60),), networks=60, best=15)
    greedy = replace(learned.explanation.greedy, decisions=(decision,))
    html = report_html(
        replace(learned, explanation=replace(learned.explanation, greedy=greedy, importances=importances))
    )
    assert "<script" not in html
    assert html.count("&lt;script&gt;alert(") >= 5


def test_the_greedy_network_in_words(space: Space) -> None:
    one, two = arch(space), space.sample(np.random.default_rng(9))
    assert one.id != two.id
    moments = (Moment(2, two, 0.1), Moment(4, one, 0.5), Moment(6, one, 0.5))
    greedy = Greedy("Q", (TAKEN, TIED, SINGLE), moments)
    assert greedy_text(greedy, 3, Objective("val_acc")) == (
        f"The greedy network {one.id}, which takes the option with the highest Q-value at each decision, has val_acc "
        "50.00\u00a0%. It has not changed since the first 4 trials were told. 1 of its 3 decisions equal those of "
        "the best trial (3). Ties at 1 of them are resolved in favour of the first option."
    )
    changing = Greedy("probability", (TAKEN,), (Moment(2, two, 0.1), Moment(4, one, None)))
    text = greedy_text(changing, 3, Objective("val_acc"))
    assert "highest probability at each decision, was not evaluated. It was still changing at the end. 0 of" in text
    assert "Ties" not in text
    loss = replace(changing, moments=(Moment(4, one, -0.25),))
    assert "has val_loss 0.2500." in greedy_text(loss, 3, Objective("val_loss", "minimize"))


def test_a_decision_in_words() -> None:
    row = row_of(TAKEN)
    assert (row.name, row.taken, row.value, row.tried) == ("body.0.conv.width", "16", "0.500", "2 of 3")
    assert (row.next_best, row.next_value, row.best) == ("8", "0.250", "8")
    assert (row_of(TIED).next_best, row_of(SINGLE).next_best, row_of(SINGLE).best) == ("null", "–", "–")


def test_at_most_so_many_decisions_are_shown(space: Space) -> None:
    """Those in which the option taken stands out most, in the order of the walk."""
    many = tuple(
        Decision(f"d{n}", (0, 1), (0.5 + 0.01 * ((7 * n) % 50), 0.5), taken=0, tried=(1, 1), best=0) for n in range(50)
    )
    greedy = Greedy("Q", (*many, SINGLE), (Moment(1, arch(space), None),))
    shown = telling(greedy)
    assert len(shown) == DECISIONS
    assert [decision.name for decision in shown] == [f"d{n}" for n in range(50) if (7 * n) % 50 >= 10]
    assert left_out(greedy, shown) == "Left out: 10 with smaller differences between values, 1 with one legal option."
    assert left_out(Greedy("Q", (TAKEN,), greedy.moments), [TAKEN]) == ""


def test_predictions_in_words() -> None:
    found = RankCorrelation(0.574, 0.506, 0.634, 1497)
    newest = Window(1500, RankCorrelation(-0.1, -0.4, 0.3, 30))
    predictions = Predictions((), warm_up=3, known=0, failed=2, overall=found, windows=(newest,))
    assert predictions_text(predictions) == (
        "Spearman's rank correlation of predicted and observed scores is 0.57 (95 % interval 0.51 to 0.63, n = 1,497); "
        "for the last 30 predictions it is -0.10 (95 % interval -0.40 to 0.30). Trials left out: 3 at the start, "
        "before anything was learned, 2 that failed."
    )
    none = Predictions((), warm_up=0, known=0, failed=0, overall=None, windows=())
    assert predictions_text(none) == "0 predictions can be compared, too few for a rank correlation."


def test_importances_in_words() -> None:
    found = Importances((Importance("a", 0.123, 0.05, 60), Importance("b", 0.01, 0.05, 40)), networks=1200, best=120)
    assert importances_text(found) == (
        "The best 120 of 1,200 networks are compared with all of them. 1 of 2 decisions explains more than chance. Of "
        "decisions without influence, 1 in 20 exceeds this level."
    )
    assert importance_rows(found)[0] == ("a", "12.3\u00a0%", "5.0\u00a0%", "60")
    assert importances_text(Importances((), 3, 0, "it is so")) == "It is so."


def test_an_explanation_without_predictions(learned: RunSummary) -> None:
    assert learned.explanation is not None
    explanation: Explanation = replace(learned.explanation, predictions=None)
    section = explained(explanation, learned.trials, Objective("val_acc"))
    assert section is not None
    assert "predictions" not in section["plots"]
    assert section["predictions"] == ""
