"""The tables of the best networks of a search, and of the causes of its failed trials."""

from collections.abc import Mapping, Sequence
from typing import Any

from nas.formatting import (
    counted,
    show_count,
    show_duration,
    show_short,
    show_spread,
)
from nas.ops import COSTS
from nas.pages.run.decisions import reading_key, short_form
from nas.pages.run.run_summary import RunSummary
from nas.tasks.metrics import measured_in
from nas.trial import Trial, best_trials

BEST = 10
"""The number of networks in the table of the best."""
FRONT = 40
"""The number of networks in the table of the Pareto front."""
EXAMPLE = 240
"""The largest number of characters of an error message."""


def trained_for(trial: Trial) -> str:
    """The epochs of the training of a trial."""
    epochs = trial.proposal.epochs
    return "all epochs" if epochs is None else counted(epochs, "epoch")


def best_networks(run: RunSummary) -> Mapping[str, Any]:
    """The table of the best networks of the search or, with several objectives, of the Pareto front."""
    several = len(run.objectives) > 1
    best = run.front[:FRONT] if several else best_trials(run.trials, BEST)
    metrics = [objective.metric for objective in run.objectives]
    metrics += measured_in({name for trial in best for name in trial.metrics})
    metrics = [metric for metric in dict.fromkeys(metrics) if metric not in (*COSTS, "seconds")]
    rows = [
        {
            "trial": trial.number,
            "id": trial.architecture.id,
            "epochs": trained_for(trial),
            "metrics": [show_spread(metric, trial.metrics) for metric in metrics],
            "params": show_count(trial.architecture.params),
            "macs": show_short(trial.architecture.macs),
            "seconds": show_duration(trial.seconds),
            "decisions": short_form(trial.architecture),
            "chosen": run.chosen is not None and trial.architecture.id == run.chosen.architecture.id,
        }
        for trial in best
    ]
    return {
        "title": "The Pareto front" if several else "The best networks of the search",
        "text": _front_text(run, len(best)) if several else "Each network once, with its best trial.",
        "metrics": metrics,
        "rows": rows,
        "key": reading_key(trial.architecture for trial in best),
    }


def _front_text(run: RunSummary, shown: int) -> str:
    count = len(run.front)
    first = f"The first {show_count(shown)} of " if shown < count else ""
    networks = counted(count, "non-dominated network")
    return f"{first}{networks}, ordered by {run.objective.metric}, each with its best trial."


def causes_of_failure(run: RunSummary) -> Sequence[Mapping[str, Any]]:
    """The causes of failure, most frequent first, each with its trials and one message."""
    causes: dict[str, list[Trial]] = {}
    for trial in run.failed:
        causes.setdefault((trial.error or "unknown").partition(":")[0], []).append(trial)
    rows = []
    for kind, trials in sorted(causes.items(), key=lambda item: (-len(item[1]), item[0])):
        message = " ".join((trials[0].error or "").partition(":")[2].split())
        numbers = ", ".join(str(trial.number) for trial in trials[:12])
        rows.append(
            {
                "kind": kind,
                "count": show_count(len(trials)),
                "trials": numbers + (", …" if len(trials) > 12 else ""),
                "message": message if len(message) <= EXAMPLE else message[: EXAMPLE - 1] + "…",
            }
        )
    return rows
