"""The report of a run: one HTML page that opens offline and loads nothing."""

from collections.abc import Mapping, Sequence

from nas.final.figures import figures
from nas.formatting import (
    NOTHING,
    show_count,
    show_value,
)
from nas.objectives import show_objectives
from nas.pages.render import render
from nas.pages.run.baselines_section import baselines_section
from nas.pages.run.best_networks import best_networks, causes_of_failure
from nas.pages.run.decisions_section import decisions_section
from nas.pages.run.diagnosis_section import diagnosis_section
from nas.pages.run.explained import explained
from nas.pages.run.final_network import aim, beside, caution, headline
from nas.pages.run.finalists_section import finalists_section
from nas.pages.run.hardest_section import hardest_section
from nas.pages.run.key_figures import key_figures
from nas.pages.run.network_section import network_section
from nas.pages.run.promise import promise
from nas.pages.run.replacement_section import replacement_section
from nas.pages.run.run_summary import RunSummary
from nas.pages.run.search_plots import search_plots
from nas.pages.run.teacher_section import teacher_section
from nas.pages.run.tree_section import tree_section
from nas.pages.run.tuning_section import tuning_section
from nas.settings import flat
from nas.tasks import named_outputs


def report_html(run: RunSummary) -> str:
    """The report as one HTML page: inline styles and plots, no scripts, everything in it escaped.

    The same summary gives the same bytes.
    """
    return render(
        "run/report.html",
        run=run,
        headline=headline(run),
        caution=caution(run),
        promise="" if run.chosen is None else promise(run.chosen.privacy),
        aims=_aims(run),
        key_figures=key_figures(run),
        plots=search_plots(run),
        best=best_networks(run),
        finalists=finalists_section(run),
        replacement=replacement_section(run),
        beside=_beside(run),
        tuning=tuning_section(run),
        baselines=baselines_section(run),
        diagnosis=diagnosis_section(run),
        hardest=hardest_section(run),
        teacher=teacher_section(run),
        tree=tree_section(run),
        network=network_section(run),
        decisions=decisions_section(run),
        explained=None if run.explanation is None else explained(run.explanation, run.trials, run.objective),
        failures=causes_of_failure(run),
        groups=_settings(run),
    )


def _beside(run: RunSummary) -> str:
    """What baselines reach, for the headline; of the search, as long as there is no selected network."""
    if run.baselines is None:
        return ""
    if run.chosen is None:
        return f"Baselines: {run.baselines.beside(run.objective.metric)}." if run.best else ""
    shown = figures(run.chosen.metrics, run.chosen.tested, run.compared)
    return "".join(f"{line[0].upper()}{line[1:]}." for line in beside(shown, run.compared, run.baselines))


def _aims(run: RunSummary) -> str:
    """What is searched for, and by what of it the controller proposes, where these are several things."""
    if len(run.objectives) == 1:
        return ""
    read = ", ".join(objective.metric for objective in run.objectives[: run.followed])
    only = f" The controller, {run.controller}, uses only {read}." if run.followed < len(run.objectives) else ""
    return f"Objectives: {show_objectives(run.objectives)}.{only}"


def _settings(run: RunSummary) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """What the run was made with: groups of names and values."""
    sizes = (("training", run.train_size), ("validation", run.val_size), ("test", run.test_size))
    parts = ", ".join(f"{show_count(size)} {name}" for name, size in sizes if size is not None)
    data = [("name", run.data or "none"), ("samples", parts or NOTHING)]
    if run.task is not None:
        data.append(("task", run.task.name))
        data.append(("outputs", named_outputs(run.task, run.outputs)))
    data += [("note", note) for note in run.notes]
    size = "unknown" if run.space_size is None else show_count(run.space_size)
    return [
        ("Space", [("name", run.space), ("architectures", size), ("decisions", show_count(run.decisions))]),
        ("Data", data),
        ("Controller", [("name", run.controller), *_shown(run.controller_settings)]),
        ("Evaluator", [("name", run.evaluator), *_shown(run.evaluator_settings)]),
        ("Objectives", [*((objective.metric, aim(objective)) for objective in run.objectives), *_read(run)]),
        ("Budget", [*_budget(run), ("winner", run.winner), ("seed", str(run.seed))]),
        ("Device and versions", [("device", run.device), *run.versions.items()]),
    ]


def _budget(run: RunSummary) -> Sequence[tuple[str, str]]:
    """The budget, and what ended the search."""
    trials = [] if run.budget is None else [("trials", show_count(run.budget))]
    return [*trials, *_shown(run.limits), *([("ended because", run.ended)] if run.ended else [])]


def _read(run: RunSummary) -> Sequence[tuple[str, str]]:
    """Which objectives the controller reads, where these are not all."""
    read = ", ".join(objective.metric for objective in run.objectives[: run.followed])
    return [("used by the controller", read)] if run.followed < len(run.objectives) else []


def _shown(settings: Mapping[str, object]) -> Sequence[tuple[str, str]]:
    """Settings by their paths, as text."""
    return [(path, show_value(value)) for path, value in flat(settings)]
