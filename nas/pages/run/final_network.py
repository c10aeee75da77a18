"""The text about the selected network: its figures, and the data on which they were measured."""

from collections.abc import Iterable, Sequence

from nas.baselines import Baselines
from nas.final.figures import Figure, data_of, figures
from nas.formatting import (
    counted,
    listed,
    show_count,
    show_metric,
    show_range,
    show_spread,
)
from nas.hardware import show_machine
from nas.ops import COSTS
from nas.pages.run.choice import handed_over, heading_of
from nas.pages.run.run_summary import FinalRow, RunSummary
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
    return [" ".join(filter(None, _parts(one))) for one in measured]


def _parts(figure: Figure) -> Sequence[str]:
    known = _interval(figure)
    return figure.metric, _with_spread(figure), f"({known})" if known else "", whence(figure)


def _interval(figure: Figure) -> str:
    """`95 % interval 95.13 to 98.52 % over samples`; empty if it is not known."""
    if figure.low is None or figure.high is None:
        return ""
    return f"95\u00a0% interval {show_range(figure.metric, figure.low, figure.high)} over {figure.over}"


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
        # A network that was trained on the validation data has no metrics there.
        validated = run.replacement if run.replacement is not None and run.replacement.val else None
        values = chosen.metrics if validated is None else {**chosen.metrics, **validated.val}
        said = listed(f"{metric} {show_metric(metric, values.get(metric))}" for metric in aims)
        size = with_parameters((run.replacement or chosen.architecture).params)
        if chosen.test and (tested := measured_in(chosen.test, "test")):
            samples = f"{show_count(run.test_size)} test samples" if run.test_size else "the test samples"
            wanted = [f"test_{objective.metric.removeprefix('val_')}" for objective in run.compared]
            metric = next((name for name in wanted if name in tested), tested[0])
            value = show_metric(metric, chosen.test[metric])
            share = f"classifies {value} of {samples} correctly" if _is_share(metric) else ""
            reached = share or f"reaches {metric} {value} on {samples}"
            return f"With {listed(filter(None, (size, said)))}, {handed_over(run.replacement)} {reached}."
        known = measured_in(values)[:1]
        said = said or listed(f"{name} {show_metric(name, values[name])}" for name in known)
        return f"{heading_of(validated)} {f'reaches {said} with {size}' if said else f'has {size}'}."
    if best:
        names = dict.fromkeys(objective.metric for objective in run.objectives if objective.metric != "params")
        said = listed(f"{name} {show_spread(name, best.metrics)}" for name in names)
        size = with_parameters(best.architecture.params)
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


def with_parameters(params: int) -> str:
    """`12,345 parameters`."""
    return counted(params, "parameter")


def caution(run: RunSummary) -> str:
    """The data on which the figures of the headline were measured, and whether they selected the network."""
    compared = run.compared if run.chosen else run.objectives
    by_validation = any(data_of(objective.metric) == "validation" for objective in compared)
    if run.chosen and run.chosen.tested and run.chosen.tested.seeds:
        also = "" if run.replacement is None else f" and for {handed_over(run.replacement)}"
        return f"The test data were used once, after the selection, for all trainings of the selected network{also}."
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
        for figure in figures(chosen.metrics, chosen.tested, run.compared, spread=chosen.spread, seeds=chosen.seeds):
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
    known = _interval(figure)
    if figure.data == "test":
        if figure.spread is not None:
            return f"mean over the networks of {_trainings(chosen)}; {known}"
        count = f" (n = {show_count(run.test_size)})" if run.test_size else ""
        return f"the network handed over; {known}{count}" if known else "measured once"
    if figure.metric not in chosen.curves:
        found = _measured(run, figure.metric, chosen.trial)
        return found or f"trial {chosen.trial}, as measured in the search"
    when = "after the final training" if figure.spread is None else f"mean over {_trainings(chosen)}"
    return "; ".join([when + (", on the data used for selection" if figure.chosen_on else ""), *filter(None, [known])])


def _trainings(chosen: FinalRow) -> str:
    count = len(next(iter(chosen.seeds.values()), ()))
    return f"{count} final trainings" if count else "several final trainings"


def _measured(run: RunSummary, metric: str, trial: int) -> str:
    """On what a metric of hardware was measured; empty for other metrics."""
    on = show_machine(metric, run.machine) if run.machine else ""
    return f"trial {trial}, {on}" if on else ""


def aim(objective: Objective) -> str:
    """`minimize, limit 5`."""
    return objective.direction + (f", limit {objective.limit:g}" if objective.limit is not None else "")
