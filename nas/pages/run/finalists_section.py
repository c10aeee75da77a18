"""The finalists: what they reach, how their order changed from stage to stage, and how sure the choice is."""

from collections.abc import Mapping, Sequence
from typing import Any

from nas.final.figures import figures
from nas.formatting import NOTHING, listed, show_count, show_duration, show_percent, show_short, show_spread
from nas.objectives import show_objectives
from nas.ops import COSTS
from nas.pages.run.choice import REACHED, how_sure, ranks_of
from nas.pages.run.run_summary import FinalRow, RunSummary
from nas.tasks.metrics import SD, measured_in
from nas.trial import Objective


def finalists_section(run: RunSummary) -> Mapping[str, Any] | None:
    """The table of the finalists, which were trained at full length; None if there are none."""
    if not run.finalists:
        return None
    columns = _columns(run)
    stages = [stage for stage in run.order if stage.ranks]
    rows = [
        {
            "trial": row.trial,
            "id": row.architecture.id,
            "ranks": " → ".join(str(stage.ranks.get(row.architecture.id, NOTHING)) for stage in stages),
            "probability": _probability(run, row),
            "cells": [show_spread(metric, _values(row, part)) for _, part, metric in columns],
            "params": show_count(row.architecture.params),
            "macs": show_short(row.architecture.macs),
            "epochs": max(map(len, row.curves.values()), default=0) or NOTHING,
            "seconds": show_duration(row.seconds),
            "chosen": row.chosen,
            "failed": (run.final_failures.get(row.architecture.id) or "").partition(":")[0],
        }
        for row in run.finalists
    ]
    return {
        "columns": [title for title, _, _ in columns],
        "stages": listed(REACHED[stage.name] for stage in stages),
        "likely": bool(run.probabilities),
        "rows": rows,
        "text": _how_chosen(run),
        "sure": _how_sure(run),
        "plot": _plot(run),
        "intervals": any(len(values) > 1 for row in run.finalists for values in row.seeds.values()),
    }


def _probability(run: RunSummary, row: FinalRow) -> str:
    known = run.probabilities.get(row.architecture.id)
    return NOTHING if known is None else show_percent(known, decimals=0)


def _how_sure(run: RunSummary) -> str:
    """How sure the choice is, and how its rank changed, in sentences."""
    if run.chosen is None:
        return ""
    id_ = run.chosen.architecture.id
    able = [row for row in run.finalists if row.architecture.id not in run.final_failures]
    trainings = len(next(iter(run.chosen.seeds.values()), ()))
    sure = how_sure(id_, run.probabilities, able=len(able), trainings=trainings)
    rank = ranks_of(id_, run.order)
    return " ".join(
        f"{text[0].upper()}{text[1:]}." for text in (sure, f"the selected network has {rank}" if rank else "") if text
    )


def _plot(run: RunSummary) -> str:
    """The plot of the first metric that was measured after the full training; empty: there is none, or one row."""
    from nas.pages.run.finalists_plot import Strip, finalists_plot

    trained = {name for row in run.finalists for name in row.curves}
    wanted = [*(objective.metric for objective in run.compared), *measured_in(trained)]
    metric = next((name for name in wanted if name in trained), None)
    if metric is None or len(run.finalists) < 2:
        return ""
    strips = []
    for row in run.finalists:
        figure = figures(row.metrics, None, [Objective(metric)], seeds=row.seeds)[0]
        ends = None if figure.low is None or figure.high is None else (figure.low, figure.high)
        values = row.seeds.get(metric, (figure.value,))
        strips.append(Strip(f"#{row.trial}", row.searched.get(metric), values, figure.value, ends, row.chosen))
    return finalists_plot(strips, metric=metric)


def _columns(run: RunSummary) -> Sequence[tuple[str, str, str]]:
    """Title, part of the row, and metric of each column: objectives during and after the search, other metrics."""
    columns = []
    trained = {name for row in run.finalists for name in row.curves}
    for metric in (objective.metric for objective in run.objectives):
        if metric in trained:
            columns += [(f"{metric} in search", "searched", metric), (metric, "metrics", metric)]
        elif metric not in COSTS:
            columns.append((f"{metric} in search", "searched", metric))
    known = {metric for _, part, metric in columns if part == "metrics"}
    also = [*measured_in(trained), *(["val_loss"] if "val_loss" in trained else [])]
    columns += [(metric, "metrics", metric) for metric in also if metric not in known]
    tested = sorted({name for row in run.finalists for name in row.test})
    return [*columns, *((metric, "test", metric) for metric in tested)]


def _values(row: FinalRow, part: str) -> Mapping[str, float]:
    trained = {name: value for name, value in row.metrics.items() if not name.endswith(SD)}
    return {
        "searched": row.searched,
        "metrics": {**trained, **row.spread},
        "test": row.tested.single if row.tested else {},
    }[part]


def _how_chosen(run: RunSummary) -> str:
    several = len(run.objectives) > 1
    whose = "The first networks of the Pareto front" if several else "The best networks of the search"
    first = show_objectives(run.compared[:1])
    limits = " within the limits" if any(objective.limit is not None for objective in run.objectives) else ""
    text = f"{whose}, trained in full from scratch."
    if any(row.spread for row in run.finalists):
        text += " Metrics are means over several trainings; the network is that of the first."
    text += f" The one with {first}{limits} after this training is selected."
    if run.test_size is None and not any(row.test for row in run.finalists):
        return f"{text} There are no test data: all val_ metrics are measured on the data used for selection."
    return f"{text} The test data are used once, after the selection."
