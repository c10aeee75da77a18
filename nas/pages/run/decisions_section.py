"""The table of the decisions whose options differ most."""

from collections.abc import Mapping
from typing import Any

from nas.formatting import (
    NOTHING,
    show_count,
    show_metric,
    show_percent,
    show_value,
)
from nas.pages.run.best_networks import trained_for
from nas.pages.run.decisions import comparable, decision_scores, same_epochs
from nas.pages.run.run_summary import RunSummary

DECISIONS = 8
"""Decisions in the table of options."""


def decisions_section(run: RunSummary) -> Mapping[str, Any] | None:
    """The most telling decisions, with a place on one common scale for the mean of each option."""
    trials = comparable(run.trials)
    found = decision_scores(trials, count=DECISIONS)
    if not found:
        return None
    metric, value = run.objective.metric, run.objective.value
    ends = [
        value(option.mean + side * (option.error or 0.0))
        for decision in found
        for option in decision.options
        for side in (-1, 1)
    ]
    low, high = min(ends), max(ends)

    def place(number: float) -> str:
        return f"{100 * (number - low) / ((high - low) or 1.0):.2f}%"

    scores = [trial.score or 0.0 for trial in trials]
    mean = value(sum(scores) / len(scores))
    blocks = [
        {
            "name": decision.name,
            "spread": _show_spread(metric, decision.spread),
            "options": [
                {
                    "value": show_value(option.value),
                    "trials": show_count(option.trials),
                    "share": show_percent(option.share, decimals=0),
                    "better": NOTHING if option.better_share is None else show_percent(option.better_share, decimals=0),
                    "mean": show_metric(metric, value(option.mean)),
                    "at": place(value(option.mean)),
                    "from": place(min(value(option.mean + side * (option.error or 0.0)) for side in (-1, 1))),
                    "width": f"{100 * 2 * (option.error or 0.0) / ((high - low) or 1.0):.2f}%",
                }
                for option in decision.options
            ],
        }
        for decision in found
    ]
    return {
        "blocks": blocks,
        "low": show_metric(metric, low),
        "high": show_metric(metric, high),
        "mean": show_metric(metric, mean),
        "mean_at": place(mean) if low <= mean <= high else None,
        "trials": len(scores),
        "epochs": trained_for(trials[0]) if run.cut_off else "",
        "left_out": len(same_epochs(run.trials)) - len(scores),
    }


def _show_spread(metric: str, spread: float) -> str:
    """A difference of two metrics; that of two percentages is in percentage points."""
    shown = show_metric(metric, spread)
    return shown.replace("%", "points") if shown.endswith("%") else shown
