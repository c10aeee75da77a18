"""The plots of a search: its progress, its trade-offs, and its learning curves. matplotlib is imported here."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nas.ops import COSTS
from nas.pages.run.run_summary import RunSummary
from nas.tasks.metrics import measured_in
from nas.trial import Objective, Trial, best_trials

if TYPE_CHECKING:
    from nas.pages.run.curves_plot import Panel

CURVES = 8
"""The number of networks whose learning curves are drawn."""


def search_plots(run: RunSummary) -> Mapping[str, Any]:
    """The plots as SVG by name, without empty ones."""
    from nas.pages.run.curves_plot import curves_plot
    from nas.pages.run.progress_plot import Dot, progress_plot

    metric, direction, value = run.objective.metric, run.objective.direction, run.objective.value
    plots: dict[str, Any] = {"trade_offs": _trade_offs(run)}
    if run.scored:
        dots = [Dot(trial.number, value(trial.score or 0.0), trial.proposal.fidelity) for trial in run.scored]
        failed = [trial.number for trial in run.failed]
        plots["progress"] = progress_plot(dots, failed, metric=metric, direction=direction)
    for name, panels in (("search-curves", _search_panels(run)), ("final-curves", _final_panels(run))):
        if panels:
            plots[name] = curves_plot(name, panels)
    return plots


def _trade_offs(run: RunSummary) -> Sequence[Mapping[str, str]]:
    """The first objective over each other one or, if it is the only one, quality over size."""
    from nas.pages.run.trade_off import Point, trade_off_plot

    first, *others = run.objectives
    size = Objective("params", "minimize")
    quality = run.task.objective if run.task is not None and first.metric in COSTS else first
    pairs = [(first, other) for other in others] or [(quality, size)]
    cut = " with the most epochs" if run.cut_off else ""
    plots = []
    for number, (up, across) in enumerate(pairs):
        points = [
            Point(trial.number, x, y, trial.proposal.fidelity)
            for trial in run.scored
            if (x := _metric(trial, across)) is not None and (y := _metric(trial, up)) is not None
        ]
        if not points:
            continue
        joined = len(others) <= 1
        svg = trade_off_plot(
            f"trade-off-{number}",
            points,
            across=across,
            up=up,
            front=None if joined else {trial.number for trial in run.front},
            front_name="Pareto front",
            finalists={row.trial for row in run.finalists},
            chosen=run.chosen.trial if run.chosen else None,
        )
        title = f"{up.metric} and {across.metric}" if others else "Size and quality"
        note = f"Each trial{cut}; {'the line is' if joined else 'green marks'} the Pareto front."
        plots.append({"title": title, "note": note, "svg": svg})
    return plots


def _metric(trial: Trial, objective: Objective) -> float | None:
    """The value of a metric in a trial; the number of parameters is always known."""
    value = trial.metrics.get(objective.metric, trial.architecture.params if objective.metric == "params" else None)
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def _search_panels(run: RunSummary) -> "Sequence[Panel]":
    """The curves of the main metric, or the best one that is reported, and of the training loss."""
    from nas.pages.run.curves_plot import Curve, Panel

    best = best_trials(run.trials, CURVES)
    reported = {name for trial in best for name, value in trial.metrics.items() if isinstance(value, tuple) and value}
    known = measured_in(name.removesuffix("_curve") for name in reported)
    wanted = [f"{metric}_curve" for metric in (run.objective.metric, *known, "val_loss")]
    names = [next((name for name in wanted if name in reported), ""), "train_loss_curve"]
    panels = []
    for name in dict.fromkeys(name for name in names if name in reported):
        curves = [
            Curve(f"#{trial.number}", values, bold=trial is best[0])
            for trial in best
            if isinstance(values := trial.metrics.get(name), tuple) and values
        ]
        panels.append(Panel(name.removesuffix("_curve"), curves))
    return panels


def _final_panels(run: RunSummary) -> "Sequence[Panel]":
    from nas.pages.run.curves_plot import Curve, Panel

    known = {name for row in run.finalists for name in row.curves}
    wanted = [*(objective.metric for objective in run.objectives), *measured_in(known)]
    first = next((metric for metric in wanted if metric in known), "val_loss")
    panels = []
    for metric in dict.fromkeys((first, "train_loss")):
        curves = [
            Curve(f"#{row.trial}", values, bold=row.chosen)
            for row in run.finalists
            if (values := row.curves.get(metric))
        ]
        if curves:
            panels.append(Panel(metric, curves))
    return panels
