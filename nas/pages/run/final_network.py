"""The text about the selected network: its figures, the data on which they were measured, and the finalists."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nas.baselines import Baselines
from nas.final.figures import Figure, data_of, figures
from nas.formatting import (
    NOTHING,
    counted,
    listed,
    show_count,
    show_duration,
    show_metric,
    show_percent,
    show_short,
    show_spread,
    wilson_interval,
)
from nas.hardware import show_machine
from nas.objectives import show_objectives
from nas.ops import COSTS
from nas.pages.run.run_summary import FinalRow, RunSummary
from nas.space import Architecture
from nas.tasks.metrics import PARTS, SD, measured_in, metric_of
from nas.trial import Objective


def title_of(metric: str) -> str:
    """`Validation accuracy` for `val_acc`; metrics that are not in the table keep their names."""
    known, part = metric_of(metric), PARTS.get(metric.partition("_")[0])
    return f"{part.capitalize()} {known.title}" if known is not None and part is not None else metric


def whence(figure: Figure) -> str:
    """The data on which a figure was measured, and whether they selected the network; empty without data."""
    if figure.data is None:
        return ""
    return f"on the {figure.data} data" + (", on which the network was selected" if figure.chosen_on else "")


def show_figures(shown: Sequence[Figure]) -> Sequence[str]:
    """Each figure except costs, such as `val_acc 98.33 % on the validation data, on which the network was selected`."""
    measured = [figure for figure in shown if figure.metric not in COSTS]
    return [f"{one.metric} {_with_spread(one)} {whence(one)}".rstrip() for one in measured]


def _with_spread(figure: Figure) -> str:
    values = {figure.metric: figure.value, f"{figure.metric}{SD}": figure.spread}
    return show_spread(figure.metric, values)


def beside(shown: Sequence[Figure], objectives: Sequence[Objective], baselines: Baselines | None) -> Sequence[str]:
    """A line with what baselines reach in an objective on the test data or, if they were not measured by it there, in
    the first figure that they were measured by; none without baselines."""
    if baselines is None:
        return []
    wanted = [f"test_{objective.metric.removeprefix('val_')}" for objective in objectives]
    texts = [baselines.beside(metric) for metric in (*wanted, *(figure.metric for figure in shown))]
    return [f"baselines: {text}" for text in texts if text][:1]


def headline(run: RunSummary) -> str:
    """The main result, in a sentence."""
    chosen, best = run.chosen, run.best
    if chosen:
        elsewhere = {"params"}  # mentioned below, or measured on test data
        if chosen.test:
            elsewhere |= {f"val_{metric.removeprefix('test_')}" for metric in measured_in(chosen.test, "test")}
        aims = [objective.metric for objective in run.compared if objective.metric not in elsewhere]
        said = listed(f"{metric} {show_metric(metric, chosen.metrics.get(metric))}" for metric in aims)
        size = with_parameters(chosen.architecture)
        if chosen.test and (tested := measured_in(chosen.test, "test")):
            samples = f"{show_count(run.test_size)} test samples" if run.test_size else "the test samples"
            wanted = [f"test_{objective.metric.removeprefix('val_')}" for objective in run.compared]
            metric = next((name for name in wanted if name in tested), tested[0])
            value = show_metric(metric, chosen.test[metric])
            share = f"classifies {value} of {samples} correctly" if _is_share(metric) else ""
            reached = share or f"reaches {metric} {value} on {samples}"
            return f"With {listed(filter(None, (size, said)))}, the selected network {reached}."
        known = measured_in(chosen.metrics)[:1]
        said = said or listed(f"{name} {show_metric(name, chosen.metrics[name])}" for name in known)
        return f"The selected network {f'reaches {said} with {size}' if said else f'has {size}'}."
    if best:
        names = dict.fromkeys(objective.metric for objective in run.objectives if objective.metric != "params")
        said = listed(f"{name} {show_spread(name, best.metrics)}" for name in names)
        size = with_parameters(best.architecture)
        return f"The best network {found(run)} {f'reaches {said} with {size}' if said else f'has {size}'}."
    if run.trials:
        return "The only trial failed." if len(run.trials) == 1 else f"All {len(run.trials)} trials failed."
    return "No trial has finished yet."


def _is_share(metric: str) -> bool:
    """Whether a metric is a share of the samples."""
    known = metric_of(metric)
    return known is not None and known.share


def found(run: RunSummary) -> str:
    """`so far` while the search goes on."""
    return "so far" if run.goes_on else "found"


def with_parameters(arch: Architecture) -> str:
    """`12,345 parameters`."""
    return counted(arch.params, "parameter")


def caution(run: RunSummary) -> str:
    """The data on which the figures of the headline were measured, and whether they selected the network."""
    compared = run.compared if run.chosen else run.objectives
    by_validation = any(data_of(objective.metric) == "validation" for objective in compared)
    if run.chosen and run.chosen.test:
        return "The test data were used once, for this network only, after it had been selected."
    if not run.best or not by_validation:
        return "There are no test data." if run.chosen else ""
    if run.chosen:
        return (
            f"Measured on the validation data, on which this network was selected among {_networks(run)}. There are no "
            "test data. Expect worse values on new data: selection makes values on the validation data optimistic."
        )
    return f"Measured on the validation data, on which it was selected among {_networks(run)}, so it is optimistic."


def _networks(run: RunSummary) -> str:
    count = len({trial.architecture.id for trial in run.trials})
    return counted(count, "network")


def quality(run: RunSummary) -> Iterable[tuple[str, str, str]]:
    """The key figures of the network: name, number, note."""
    chosen, best = run.chosen, run.best
    if chosen:
        for figure in figures(chosen.metrics, chosen.test, run.compared, spread=chosen.spread):
            if figure.metric not in (*COSTS, "test_loss"):
                yield title_of(figure.metric), _with_spread(figure), _note(run, chosen, figure)
    elif best:
        for objective in run.objectives:
            if objective.metric not in COSTS:
                value = show_spread(objective.metric, best.metrics)
                first = objective is run.objective
                name = f"Best {objective.metric}" if first else objective.metric
                note = f"trial {best.number}, as trained in the search"
                yield name, value, _measured(run, objective.metric, best.number) or note
    if len(run.objectives) > 1 and best:
        yield "Pareto front", show_count(len(run.front)), f"non-dominated network{'s' if len(run.front) != 1 else ''}"


def _note(run: RunSummary, chosen: FinalRow, figure: Figure) -> str:
    if figure.data == "test":
        return _interval(figure.value, run.test_size) if _is_share(figure.metric) else "measured once"
    if figure.metric not in chosen.curves:
        found = _measured(run, figure.metric, chosen.trial)
        return found or f"trial {chosen.trial}, as measured in the search"
    when = "after the final training" if figure.spread is None else "mean over several final trainings"
    return when + (", on the data used for selection" if figure.chosen_on else "")


def _measured(run: RunSummary, metric: str, trial: int) -> str:
    """On what a metric of hardware was measured; empty for other metrics."""
    on = show_machine(metric, run.machine) if run.machine else ""
    return f"trial {trial}, {on}" if on else ""


def _interval(fraction: float, count: int | None) -> str:
    if not count or not 0 <= fraction <= 1:
        return "measured once"
    low, high = wilson_interval(fraction, count)
    return f"95 % interval {100 * low:.1f} to {show_percent(high, decimals=1)}, n = {show_count(count)}"


def finalists(run: RunSummary) -> Mapping[str, Any] | None:
    """The table of the finalists, which were trained at full length; None if there are none."""
    if not run.finalists:
        return None
    columns = _columns(run)
    rows = [
        {
            "trial": row.trial,
            "id": row.architecture.id,
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
    return {"columns": [title for title, _, _ in columns], "rows": rows, "text": _how_chosen(run)}


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
    tested = sorted({name for row in run.finalists for name in row.test or ()})
    return [*columns, *((metric, "test", metric) for metric in tested)]


def _values(row: FinalRow, part: str) -> Mapping[str, float]:
    trained = {name: value for name, value in row.metrics.items() if not name.endswith(SD)}
    return {"searched": row.searched, "metrics": {**trained, **row.spread}, "test": row.test or {}}[part]


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
    return f"{text} The test data are used once, for the selected network."


def aim(objective: Objective) -> str:
    """`minimize, limit 5`."""
    return objective.direction + (f", limit {objective.limit:g}" if objective.limit is not None else "")
