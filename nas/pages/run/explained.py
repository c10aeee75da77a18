"""What a search has learned, as sentences, rows and plots, for the page and for the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nas.explanation import Decision, Explanation, Greedy, Importances, Predictions, RankCorrelation
from nas.formatting import NOTHING, counted, show_count, show_metric, show_percent, show_value
from nas.trial import Objective, Trial

DECISIONS = 40
"""The number of decisions of the greedy walk that are shown: those whose values differ most."""
IMPORTANCES = 12
"""The number of decisions whose importance is shown."""


@dataclass(frozen=True)
class Row:
    """A decision of the greedy walk as text: the option taken, the next best one, and that of the best trial."""

    name: str
    taken: str
    value: str
    tried: str
    next_best: str
    next_value: str
    best: str


def explained(explanation: Explanation, trials: Sequence[Trial], objective: Objective) -> Mapping[str, Any] | None:
    """The section of the page; None before there is a trial with a score."""
    if explanation.best is None:
        return None
    greedy, predictions, importances = explanation.greedy, explanation.predictions, explanation.importances
    shown = telling(greedy) if greedy else []
    return {
        "told": told_text(explanation),
        "greedy": greedy_text(greedy, explanation.best, objective) if greedy else "",
        "kind": value_name(greedy) if greedy else "",
        "rows": [row_of(decision) for decision in greedy.decisions] if greedy else [],
        "shown": len(shown),
        "left_out": left_out(greedy, shown) if greedy else "",
        "predictions": predictions_text(predictions) if predictions else "",
        "importances": importances_text(importances),
        "plots": _plots(explanation, shown, trials, objective),
    }


def _plots(
    explanation: Explanation, shown: Sequence[Decision], trials: Sequence[Trial], objective: Objective
) -> Mapping[str, str]:
    """The plots as SVG by name, without empty ones. matplotlib is imported here."""
    from nas.pages.run.history_plot import history_plot
    from nas.pages.run.importance_plot import importance_plot
    from nas.pages.run.predictions_plot import predictions_plot, windows_plot
    from nas.pages.run.progress_plot import Dot
    from nas.pages.run.values_plot import values_plot

    plots = {}
    greedy, predictions = explanation.greedy, explanation.predictions
    if greedy and shown:
        plots["option-values"] = values_plot(shown, greedy.kind)
        plots["history"] = history_plot(
            shown,
            greedy.moments,
            greedy=[Dot(one.told, objective.value(one.score)) for one in greedy.moments if one.score is not None],
            best=[Dot(told, objective.value(score)) for told, score in _best_so_far(trials)],
            metric=objective.metric,
            direction=objective.direction,
        )
    if predictions and predictions.overall:
        plots["predictions"] = predictions_plot(predictions, metric=objective.metric)
        if predictions.windows:
            plots["windows"] = windows_plot(predictions)
    if explanation.importances.decisions:
        plots["importance"] = importance_plot(explanation.importances.decisions[:IMPORTANCES])
    return plots


def _best_so_far(trials: Sequence[Trial]) -> Iterator[tuple[int, float]]:
    """The number of trials told and the best score among them, from the first trial with a score on."""
    best: float | None = None
    for told, trial in enumerate(trials, start=1):
        if trial.score is not None:
            best = trial.score if best is None else max(best, trial.score)
        if best is not None:
            yield told, best


def told_text(explanation: Explanation) -> str:
    """The trials that a new controller was told."""
    told, trials = show_count(explanation.told), show_count(explanation.trials)
    if explanation.told == explanation.trials:
        return "A new controller was told the trials in their order and queried in between."
    return (
        f"A new controller was told a sample of {told} of the {trials} trials, evenly spread over the search, and "
        "queried in between; the controller of the search knew more."
    )


def telling(greedy: Greedy) -> Sequence[Decision]:
    """The decisions that are shown, in the order of the walk: at most `DECISIONS`, with more than one legal option."""
    open_ = [decision for decision in greedy.decisions if len(decision.legal) > 1]
    kept = {one.name for one in sorted(open_, key=lambda decision: -decision.advantage)[:DECISIONS]}
    return [decision for decision in open_ if decision.name in kept]


def left_out(greedy: Greedy, shown: Sequence[Decision]) -> str:
    """The number of decisions that are not shown, with the reason; empty if there are none."""
    single = sum(len(decision.legal) == 1 for decision in greedy.decisions)
    more = len(greedy.decisions) - single - len(shown)
    parts = [f"{more} with smaller differences between values"] if more else []
    parts += [f"{single} with one legal option"] if single else []
    return f"Left out: {', '.join(parts)}." if parts else ""


def value_name(greedy: Greedy) -> str:
    """The name of the values."""
    return "Q" if greedy.kind == "Q" else "probability"


def row_of(decision: Decision) -> Row:
    """A decision as text."""
    other = decision.next_best
    return Row(
        name=decision.name,
        taken=show_value(decision.options[decision.taken]),
        value=_three(decision.value),
        tried=f"{decision.tried[decision.taken]} of {sum(decision.tried)}",
        next_best=NOTHING if other is None else show_value(decision.options[other]),
        next_value=NOTHING if other is None else _three(decision.values[other] or 0.0),
        best=NOTHING if decision.best is None else show_value(decision.options[decision.best]),
    )


def _three(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.4g}"


def greedy_text(greedy: Greedy, best: int, objective: Objective) -> str:
    """The greedy network: its score, its age, and its distance from the best trial."""
    last, decisions = greedy.last, greedy.decisions
    highest = "Q-value" if greedy.kind == "Q" else "probability"
    score = "was not evaluated" if last.score is None else f"has {objective.metric} {_metric(objective, last.score)}"
    settled = greedy.settled < last.told
    told = "the first trial was" if greedy.settled == 1 else f"the first {show_count(greedy.settled)} trials were"
    changed = f"It has not changed since {told} told" if settled else "It was still changing at the end"
    same = sum(decision.best == decision.taken for decision in decisions)
    ties = sum(decision.tied for decision in decisions)
    undecided = f" Ties at {ties} of them are resolved in favour of the first option." if ties else ""
    return (
        f"The greedy network {last.architecture.id}, which takes the option with the highest {highest} at each "
        f"decision, {score}. {changed}. {same} of its {counted(len(decisions), 'decision')} equal those of the best "
        f"trial ({best})."
        f"{undecided}"
    )


def _metric(objective: Objective, score: float) -> str:
    return show_metric(objective.metric, objective.value(score))


def predictions_text(predictions: Predictions) -> str:
    """The quality of the predictions, and the trials on which it is measured."""
    aside = [
        f"{count} {why}"
        for count, why in (
            (predictions.warm_up, "at the start, before anything was learned"),
            (predictions.known, "of repeated networks"),
            (predictions.failed, "that failed"),
        )
        if count
    ]
    without = f" Trials left out: {', '.join(aside)}." if aside else ""
    if predictions.overall is None:
        return (
            f"{counted(len(predictions.pairs), 'prediction')} can be compared, too few for a rank correlation.{without}"
        )
    text = f"Spearman's rank correlation of predicted and observed scores is {correlation_text(predictions.overall)}"
    if predictions.windows:
        newest = predictions.windows[-1].correlation
        text += f"; for the last {newest.n} predictions it is {correlation_text(newest, n=False)}"
    return f"{text}.{without}"


def correlation_text(found: RankCorrelation, *, n: bool = True) -> str:
    """`0.57 (95 % interval 0.51 to 0.63, n = 497)`."""
    count = f", n = {show_count(found.n)}" if n else ""
    return f"{found.value:.2f} (95 % interval {found.low:.2f} to {found.high:.2f}{count})"


def importances_text(found: Importances) -> str:
    """The trials that were compared, and the number of decisions above the level of chance."""
    if found.reason:
        return f"{found.reason[0].upper()}{found.reason[1:]}."
    beyond = sum(one.share > one.chance for one in found.decisions)
    return (
        f"The best {found.best} of {show_count(found.networks)} networks are compared with all of them. "
        f"{beyond} of {counted(len(found.decisions), 'decision')} explain{'s' if beyond == 1 else ''} more than "
        "chance. Of decisions without influence, 1 in 20 exceeds this level."
    )


def importance_rows(found: Importances) -> Sequence[tuple[str, str, str, str]]:
    """The most important decisions: name, explained share, level of chance, number of networks."""
    return [
        (
            one.name,
            show_percent(one.share, decimals=1),
            show_percent(one.chance, decimals=1),
            show_count(one.networks),
        )
        for one in found.decisions[:IMPORTANCES]
    ]
