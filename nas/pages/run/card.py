"""The card of a selected network in Markdown (Mitchell et al. 2019, Model Cards for Model Reporting): what it is for,
what it was trained on, what it reaches, how it was found and at what cost, and what is not known of it."""

from collections.abc import Iterator, Mapping, Sequence

from nas.errors import few
from nas.final.figures import Figure, figures
from nas.formatting import counted, listed, show_count, show_duration, show_metric
from nas.ops import COSTS
from nas.pages.run.final_network import caution, headline, title_of
from nas.pages.run.promise import promise
from nas.pages.run.run_summary import FinalRow, RunSummary
from nas.tasks.diagnosis.classification import ClassificationDiagnosis

MOST_CLASSES = 30
"""With more classes, the confusion matrix is left out."""

NONE = "–"

FILES = "\n## Files\n"
"""The heading of the last section, on the files of an export."""

LIMITS = (
    "* The figures hold for data like these; nothing was measured on others.",
    "* A latency holds for the machine and the versions that it was measured with.",
    "* No licence is stated: that of the data may restrict the use of a network that was trained on them.",
)


def card(run: RunSummary, *, latency: str = "") -> str:
    """The card of the selected network of a run.

    Args:
        run: the run. It must have a selected network.
        latency: a sentence on how long the network takes, and where; empty: it was not measured.
    """
    chosen = run.chosen
    if chosen is None:
        raise ValueError("the run has no selected network")
    sections: Mapping[str, Sequence[str]] = {
        "Task": [_task(run)],
        "Data": _data(run),
        "Figures": [*_figures(run, chosen), "", caution(run)],
        "Confusion": list(_confusion(run)),
        "Network": [_network(run, chosen)],
        "Latency": [latency] if latency else [],
        "Privacy": [promise(chosen.privacy)] if chosen.privacy else [],
        "Search": _search(run),
        "Limits": LIMITS,
    }
    lines = [f"# {run.name}: {chosen.architecture.id}", "", headline(run)]
    for title, content in sections.items():
        if content:
            lines += ["", f"## {title}", "", *content]
    return "\n".join(lines) + "\n"


def with_files(text: str, found: Mapping[str, str]) -> str:
    """A card with what was found of the files of an export, by format: a phrase each."""
    return text + FILES + "\n" + "".join(f"* `{name}`: {said}.\n" for name, said in found.items())


def without_files(text: str) -> str:
    """A card as it was before `with_files`."""
    return text.partition(FILES)[0]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in Markdown."""
    cells = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in cells]


def _task(run: RunSummary) -> str:
    kind = "predictions" if run.task is None else run.task.name
    return f"{kind.capitalize()} with {counted(len(run.outputs), 'output')}: {few(run.outputs, most=30)}."


def _data(run: RunSummary) -> list[str]:
    sizes = {"training": run.train_size, "validation": run.val_size, "test": run.test_size}
    said = listed(f"{show_count(size)} {part}" for part, size in sizes.items() if size)
    return [f"{run.data or 'The data'}: {said} samples.", *(f"* {note}." for note in run.notes)]


def _figures(run: RunSummary, chosen: FinalRow) -> list[str]:
    known = figures(chosen.metrics, chosen.tested, run.compared, spread=chosen.spread, seeds=chosen.seeds)
    others = [] if run.baselines is None else run.baselines.listed
    head = ["metric", "value", "95 % interval", *(one.title for one in others)]
    rows = [
        [
            title_of(figure.metric) + (" (mean over trainings)" if figure.over == "trainings" else ""),
            show_metric(figure.metric, figure.value),
            _interval(figure),
            *(
                show_metric(figure.metric, one.metrics[figure.metric]) if figure.metric in one.metrics else NONE
                for one in others
            ),
        ]
        for figure in known
        if figure.metric not in COSTS
    ]
    note = "" if run.replacement is None else "Validation figures are those of the selected network before that."
    return [*table(head, rows), *(["", note] if note else [])]


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return NONE
    ends = [show_metric(figure.metric, end) for end in (figure.low, figure.high)]
    return f"{ends[0]} to {ends[1]}, over {figure.over}"


def _confusion(run: RunSummary) -> Iterator[str]:
    found = None if run.diagnosed is None else run.diagnosed.diagnosis
    if not isinstance(found, ClassificationDiagnosis) or found.confusion is None:
        return
    names = [one.name for one in found.classes]
    if len(names) > MOST_CLASSES:
        return
    rows = [[name, *map(str, row)] for name, row in zip(names, found.confusion, strict=True)]
    yield from table(["true class \\ predicted", *names], rows)


def _network(run: RunSummary, chosen: FinalRow) -> str:
    size = run.replacement or chosen.architecture
    return (
        f"{show_count(size.params)} parameters and {show_count(size.macs)} multiply-accumulates a sample, in float32. "
        f"`architecture.yaml` has its layers, `model.py` its code."
    )


def _search(run: RunSummary) -> list[str]:
    tuned = "" if run.tuning is None else f", {counted(len(run.tuning.attempts), 'training')} to tune the recipe"
    joined = ", and one more on all samples" if run.replacement and run.replacement.what == "joined" else ""
    space = "" if run.space_size is None else f" of {show_count(run.space_size)} architectures"
    failed = f", of which {show_count(len(run.failed))} failed" if run.failed else ""
    return [
        f"Found by Archwright with the controller `{run.controller}` in the space `{run.space}`{space}: "
        f"{counted(len(run.trials), 'trial')}{failed}{tuned}, then {counted(len(run.finalists), 'network')} trained in "
        f"full{joined}; these trainings took {show_duration(sum(run.seconds.values()))} on {run.device}. "
        f"Seed {run.seed}. Versions: {listed(f'{name} {version}' for name, version in sorted(run.versions.items()))}.",
    ]
