"""The report of a run: one HTML page that opens offline and loads nothing."""

import math
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any

from nas.formatting import (
    NOTHING,
    show_count,
    show_duration,
    show_metric,
    show_percent,
    show_short,
    show_value,
)
from nas.objectives import show_objectives
from nas.ops import COSTS
from nas.ops.op import show_shape
from nas.pages.run.decisions import comparable, decision_scores, reading_key, same_epochs, short_form
from nas.pages.run.explained import explained
from nas.pages.run.final_network import aim, caution, finalists, found, headline, quality
from nas.pages.run.run_summary import RunSummary
from nas.settings import flat
from nas.space.drawing.draw import draw
from nas.tasks import counted
from nas.tasks.metrics import measured_in
from nas.trial import Objective, Trial, best_trials

if TYPE_CHECKING:
    from nas.pages.plots import Panel

BEST = 10
"""Networks in the table of the best."""
FRONT = 40
"""Networks in the table of the front."""
CURVES = 8
"""Networks whose learning curves are drawn."""
DECISIONS = 8
"""Decisions in the table of options."""
EXAMPLE = 240
"""Characters of an error message that are shown."""


def report_html(run: RunSummary) -> str:
    """The report as one HTML page: inline styles and plots, no scripts, everything in it escaped.

    The same summary gives the same bytes.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    pages = resources.files("nas.pages")
    source = pages.joinpath("run", "report.html").read_text(encoding="utf-8")
    page = environment.from_string(source).render(
        style=pages.joinpath("style.css").read_text(encoding="utf-8"),
        run=run,
        headline=headline(run),
        caution=caution(run),
        aims=_aims(run),
        figures=_figures(run),
        plots=_plots(run),
        best=_best(run),
        finalists=finalists(run),
        network=_network(run),
        decisions=_decisions(run),
        explained=None if run.explanation is None else explained(run.explanation, run.trials, run.objective),
        failures=_failures(run),
        settings=_settings(run),
    )
    return page if page.endswith("\n") else page + "\n"


def _aims(run: RunSummary) -> str:
    """What is searched for, and by what of it the controller proposes, where these are several things."""
    if len(run.objectives) == 1:
        return ""
    read = ", ".join(objective.metric for objective in run.objectives[: run.followed])
    only = f" The controller, {run.controller}, uses only {read}." if run.followed < len(run.objectives) else ""
    return f"Objectives: {show_objectives(run.objectives)}.{only}"


def _epochs(trial: Trial) -> str:
    """For how many epochs a trial was trained."""
    epochs = trial.proposal.epochs
    return "all epochs" if epochs is None else f"{show_count(epochs)} epoch{'s' if epochs > 1 else ''}"


def _figures(run: RunSummary) -> Sequence[tuple[str, str, str]]:
    """The key figures: name, number, note."""
    return [*quality(run), *_size(run), *_effort(run)]


def _size(run: RunSummary) -> Iterable[tuple[str, str, str]]:
    if run.network:
        yield "Parameters", show_count(run.network.params), f"{len(run.network.layers)} layers"
        yield "MACs", show_short(run.network.macs), "one forward pass of one sample"


def _effort(run: RunSummary) -> Iterable[tuple[str, str, str]]:
    different = len({trial.architecture.id for trial in run.trials})
    notes = [f"{show_count(different)} network{'s' if different != 1 else ''}"] if run.trials else []
    notes.append(f"{show_count(len(run.failed))} failed")
    if run.all_tried:
        notes.append("the whole space")
    wanted = f" of {show_count(run.budget)}" if len(run.trials) != run.budget else ""
    yield "Trials", show_count(len(run.trials)) + wanted, ", ".join(notes)
    search, final = sum(trial.seconds for trial in run.trials), sum(row.seconds for row in run.finalists)
    note = (
        f"search {show_duration(search)}, finalists {show_duration(final)}" if run.finalists else "summed over trials"
    )
    yield "Training time", show_duration(search + final), note


def _plots(run: RunSummary) -> Mapping[str, Any]:
    """SVG by name; a plot that would be empty is left out. This is where matplotlib is imported."""
    from nas.pages.plots import Dot, curves_plot, progress_plot

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
    """The first objective over each other one; where it is the only one, quality over size."""
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
    """The value of a metric in a trial; parameters are known of every network."""
    value = trial.metrics.get(objective.metric, trial.architecture.params if objective.metric == "params" else None)
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def _search_panels(run: RunSummary) -> "Sequence[Panel]":
    """The curve of the main metric, else the best known one, and the training loss, where trials report them."""
    from nas.pages.plots import Curve, Panel

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
    from nas.pages.plots import Curve, Panel

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


def _best(run: RunSummary) -> Mapping[str, Any]:
    """The table of the best networks of the search; with several objectives, of those of the front."""
    several = len(run.objectives) > 1
    best = run.front[:FRONT] if several else best_trials(run.trials, BEST)
    metrics = [objective.metric for objective in run.objectives]
    metrics += measured_in({name for trial in best for name in trial.metrics})
    metrics = [metric for metric in dict.fromkeys(metrics) if metric not in (*COSTS, "seconds")]
    rows = [
        {
            "trial": trial.number,
            "id": trial.architecture.id,
            "epochs": _epochs(trial),
            "metrics": [show_metric(metric, trial.metrics.get(metric)) for metric in metrics],
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
    networks = f"{show_count(count)} non-dominated network{'s' if count != 1 else ''}"
    return f"{first}{networks}, ordered by {run.objective.metric}, each with its best trial."


def _network(run: RunSummary) -> Mapping[str, Any] | None:
    """The chosen network, or the best so far: its drawing, and layer by layer."""
    arch = run.network
    if arch is None:
        return None
    values = ("input", *arch.names)
    layers = [
        {
            "name": name,
            "op": layer.op.name,
            "arguments": ", ".join(f"{key} {show_value(value)}" for key, value in layer.op.arguments().items()),
            "reads": "" if layer.inputs == (index,) else ", ".join(values[read] for read in layer.inputs),
            "output": show_shape(layer.output),
            "params": show_count(layer.cost.params) if layer.cost.params else "",
            "macs": show_count(layer.cost.macs) if layer.cost.macs else "",
        }
        for index, (name, layer) in enumerate(zip(arch.names, arch.layers, strict=True))
    ]
    return {
        "title": "The selected network" if run.chosen else f"The best network {found(run)}",
        "id": arch.id,
        "input": show_shape(arch.input),
        "drawing": draw(arch),
        "layers": layers,
        "params": show_count(arch.params),
        "macs": show_count(arch.macs),
        "choices": [(name, show_value(value)) for name, value in arch.choices],
    }


def _decisions(run: RunSummary) -> Mapping[str, Any] | None:
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
        "epochs": _epochs(trials[0]) if run.cut_off else "",
        "left_out": len(same_epochs(run.trials)) - len(scores),
    }


def _show_spread(metric: str, spread: float) -> str:
    """A difference of two metrics; that of two percentages is in percentage points."""
    shown = show_metric(metric, spread)
    return shown.replace("%", "points") if shown.endswith("%") else shown


def _failures(run: RunSummary) -> Sequence[Mapping[str, Any]]:
    """Causes of failure, the most frequent first, each with its trials and one message."""
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


def _settings(run: RunSummary) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """What the run was made with: groups of names and values."""
    sizes = (("training", run.train_size), ("validation", run.val_size), ("test", run.test_size))
    parts = ", ".join(f"{show_count(size)} {name}" for name, size in sizes if size is not None)
    data = [("name", run.data or "none"), ("samples", parts or NOTHING)]
    if run.task is not None:
        data.append(("task", run.task.name))
        data.append(("outputs", counted(run.task, run.outputs)))
    size = "unknown" if run.space_size is None else show_count(run.space_size)
    return [
        ("Space", [("name", run.space), ("architectures", size), ("decisions", show_count(run.decisions))]),
        ("Data", data),
        ("Controller", [("name", run.controller), *_shown(run.controller_settings)]),
        ("Evaluator", [("name", run.evaluator), *_shown(run.evaluator_settings)]),
        ("Objectives", [*((objective.metric, aim(objective)) for objective in run.objectives), *_read(run)]),
        ("Budget", [("trials", show_count(run.budget)), ("winner", run.winner), ("seed", str(run.seed))]),
        ("Device and versions", [("device", run.device), *run.versions.items()]),
    ]


def _read(run: RunSummary) -> Sequence[tuple[str, str]]:
    """Which objectives the controller reads, where these are not all."""
    read = ", ".join(objective.metric for objective in run.objectives[: run.followed])
    return [("used by the controller", read)] if run.followed < len(run.objectives) else []


def _shown(settings: Mapping[str, object]) -> Sequence[tuple[str, str]]:
    """Settings by their paths, as text."""
    return [(path, show_value(value)) for path, value in flat(settings)]
