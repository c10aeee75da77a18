"""The trials of a run as CSV, one row a trial, for spreadsheets and data frames."""

import csv
import io
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from nas.formatting import show_value
from nas.objectives import pareto_front
from nas.ops import COSTS
from nas.trial import ACCURACY, Objective, Trial

_FIRST = ("number", "id", "state")
_OPTIONAL = ("front", "epochs", "parent")
_LAST = (*COSTS, "seconds", "seed", "error")


def trials_csv(trials: Sequence[Trial], objectives: Sequence[Objective] = (ACCURACY,)) -> str:
    """The table of all trials (RFC 4180, so lines end in CR LF).

    Columns: `number`, `id` of the network, `state` (`ok` or `failed`), the metric of each objective, every other
    scalar metric by name, `params`, `macs`, `seconds`, `seed`, `error`, and one for each decision, in the order in
    which the decisions first appear. With several objectives, `front` (`true` or `false`) follows `state`: whether
    the trial belongs to `nas.pareto_front`. If a training was truncated, `epochs` (empty: all) and `parent`, the number
    of the trial whose training is continued, follow too. A missing value is an empty field; the option of a decision
    for nothing is `null`. Floats are written such that they read back exactly. Curves are omitted. A metric or a
    decision with the name of another column gets the prefix `metric.` or `choice.`.
    """
    optional = _optional_columns(trials, objectives)
    metrics = _metric_columns(trials, objectives)
    decisions = _named(_decision_names(trials), {*_FIRST, *_OPTIONAL, *_LAST, *metrics.values()}, "choice.")
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*_FIRST, *optional, *metrics.values(), *_LAST, *decisions.values()])
    writer.writerows(_row(trial, optional.values(), metrics, decisions) for trial in trials)
    return text.getvalue()


def _optional_columns(
    trials: Sequence[Trial], objectives: Sequence[Objective]
) -> Mapping[str, Callable[[Trial], object]]:
    """Columns that only some searches have, with their values."""
    columns: dict[str, Callable[[Trial], object]] = {}
    if len(objectives) > 1:
        front = {trial.number for trial in pareto_front(trials)}
        columns["front"] = lambda trial: trial.number in front
    if any(trial.proposal.epochs is not None for trial in trials):
        columns["epochs"] = lambda trial: "" if trial.proposal.epochs is None else trial.proposal.epochs
        columns["parent"] = lambda trial: "" if trial.proposal.parent is None else trial.proposal.parent
    return columns


def _metric_columns(trials: Iterable[Trial], objectives: Iterable[Objective]) -> Mapping[str, str]:
    """The column of each metric. Costs and seconds have columns of their own."""
    scored = list(dict.fromkeys(objective.metric for objective in objectives))
    seen = {name for trial in trials for name, value in trial.metrics.items() if not isinstance(value, tuple)}
    names = [*scored, *sorted(seen.difference(scored))]
    return _named([name for name in names if name not in (*COSTS, "seconds")], {*_FIRST, *_OPTIONAL, *_LAST}, "metric.")


def _decision_names(trials: Iterable[Trial]) -> Sequence[str]:
    return list(dict.fromkeys(name for trial in trials for name, _ in trial.architecture.choices))


def _named(names: Iterable[str], taken: Collection[str], prefix: str) -> Mapping[str, str]:
    """A column for each name that is not taken yet."""
    columns: dict[str, str] = {}
    for name in names:
        column = name
        while column in taken or column in columns.values():
            column = prefix + column
        columns[name] = column
    return columns


def _row(
    trial: Trial, optional: Iterable[Callable[[Trial], object]], metrics: Iterable[str], decisions: Iterable[str]
) -> list[str]:
    decided = dict(trial.architecture.choices)
    return [
        str(trial.number),
        trial.architecture.id,
        "failed" if trial.scores is None else "ok",
        *(show_value(column(trial)) for column in optional),
        *(show_value(trial.metrics.get(name, "")) for name in metrics),
        *(show_value(trial.metrics.get(name, cost)) for name, cost in trial.architecture.cost._asdict().items()),
        show_value(trial.seconds),
        str(trial.seed),
        trial.error or "",
        *(show_value(decided.get(name, "")) for name in decisions),
    ]
