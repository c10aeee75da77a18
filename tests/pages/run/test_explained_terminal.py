from collections.abc import Callable
from dataclasses import replace
from io import StringIO

from rich.console import Console

from nas.explanation import explain_study
from nas.pages.run import RunSummary
from nas.pages.run.explained_terminal import show_explanation
from nas.space import Space
from nas.trial import Trial


def shown(run: RunSummary, width: int = 120) -> str:
    text = StringIO()
    show_explanation(run, Console(file=text, width=width, highlight=False))
    return text.getvalue()


def test_all_of_it(learned: RunSummary) -> None:
    text = shown(learned)
    assert text.startswith("demo: 80 trials of q_learning\n")
    for part in ("The greedy network", "next best", "best trial", "Spearman's rank", "explains", "chance", "networks"):
        assert part in text
    assert learned.explanation is not None
    assert learned.explanation.greedy is not None
    for decision in learned.explanation.greedy.decisions:
        assert decision.name in text


def test_a_narrow_terminal_loses_no_name(learned: RunSummary) -> None:
    text = shown(learned, 60)
    assert "".join(text.split()).count("body.repeat") >= 1
    assert all(len(line) <= 60 for line in text.splitlines())


def test_a_controller_that_believes_nothing(learned: RunSummary, space: Space) -> None:
    text = shown(replace(learned, controller="random", explanation=explain_study(learned.trials, space)))
    assert "random neither values options nor predicts scores." in text
    assert "chance" in text


def test_nothing_to_explain(
    make_run: Callable[..., RunSummary], make_trial: Callable[..., Trial], space: Space
) -> None:
    for trials in ([], [make_trial(0, error="CRASH: no")]):
        run = make_run(trials=trials, explanation=explain_study(trials, space))
        assert shown(run).endswith("No trial has a score yet, so there is nothing to explain.\n")


def test_names_are_no_markup(learned: RunSummary) -> None:
    assert shown(replace(learned, name="[bold]x[/]")).startswith("[bold]x[/]: 80 trials")
