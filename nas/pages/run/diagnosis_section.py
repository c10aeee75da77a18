"""Where the selected network is right and wrong: what the diagnosis of its task has."""

from collections.abc import Mapping, Sequence
from typing import Any

from nas.formatting import NOTHING, counted, show_count, show_metric, show_percent
from nas.pages.run.choice import heading_of
from nas.pages.run.run_summary import RunSummary
from nas.tasks.diagnosis import ClassificationDiagnosis, MultilabelDiagnosis, RegressionDiagnosis
from nas.tasks.metrics import PARTS

CLASSES = 20
"""The number of classes in the confusion matrix, and of rows in a table."""
TARGETS = 4
"""The number of targets with plots."""

Section = Mapping[str, Any]


def diagnosis_section(run: RunSummary) -> Section | None:
    """The title, the text, the plots and the tables of the section; None: the network was not looked at."""
    found = run.diagnosed
    if found is None or found.diagnosis is None:
        return None
    data = f"the {PARTS[found.part]} data"
    match found.diagnosis:
        case ClassificationDiagnosis() as diagnosis:
            section = _classification(diagnosis)
        case MultilabelDiagnosis() as diagnosis:
            section = _labels(diagnosis)
        case RegressionDiagnosis() as diagnosis:
            section = _values(diagnosis)
    how = "trained" if run.replacement is not None and run.replacement.what == "joined" else "selected"
    caution = "" if found.part == "test" else f" The network was {how} on these data, so it is optimistic."
    text = f"{section['text']}{caution}"
    return {**section, "title": f"{heading_of(run.replacement)} on {data}", "text": text}


def _classification(found: ClassificationDiagnosis) -> Section:
    from nas.pages.run.chances_plot import calibration_plot, roc_plot
    from nas.pages.run.confusion_plot import confusion_plot

    plots = []
    if found.confusion is not None:
        chosen = _most_confused(found, found.confusion)
        counts = [[found.confusion[row][column] for column in chosen] for row in chosen]
        left_out = len(found.classes) - len(chosen)
        note = "Samples of each class by predicted class." + (
            f" The {len(chosen)} classes with the most errors; {left_out} are left out." if left_out else ""
        )
        names = [found.classes[place].name for place in chosen]
        plots.append(_plot(confusion_plot(names, counts), "Confusion matrix", note))
    if found.roc is not None:
        note = f"For the class {found.roc.positive}, at each threshold of its probability."
        plots.append(_plot(roc_plot(found.roc), "ROC curve", note))
    event = "the predicted class" if found.calibration.event is None else f"the class {found.calibration.event}"
    note = (
        f"The probability of {event}, in 10 bins; a calibrated network follows the diagonal. "
        f"Expected calibration error {show_percent(found.calibration.error)}."
    )
    plots.append(_plot(calibration_plot(found.calibration), "Calibration", note))
    rows = sorted(found.classes, key=lambda one: (one.f1 is None, one.f1)) if len(found.classes) > CLASSES else None
    table = {
        "title": "Classes",
        "columns": ["Samples", "Predicted", "Precision", "Recall", "F1"],
        "name": "Class",
        "rows": [
            (
                one.name,
                [show_count(one.samples), show_count(one.predicted), *map(_share, (one.precision, one.recall, one.f1))],
            )
            for one in (rows or found.classes)[:CLASSES]
        ],
        "note": f"The {CLASSES} classes with the lowest F1, of {len(found.classes)}." if rows else "",
    }
    wrong = found.samples - sum(round((one.recall or 0.0) * one.samples) for one in found.classes)
    pairs = {
        "title": "Most-confused classes",
        "columns": ["Taken for", "Samples", "Share of the class"],
        "name": "Class",
        "rows": [
            (one.truth, [one.predicted, show_count(one.samples), show_percent(one.share, decimals=1)])
            for one in found.most_confused
        ],
        "note": "",
    }
    text = (
        f"{show_count(wrong)} of {counted(found.samples, 'sample')} {'is' if wrong == 1 else 'are'} classified wrongly."
    )
    return {"text": text, "plots": plots, "tables": [table, pairs] if found.most_confused else [table]}


def _most_confused(found: ClassificationDiagnosis, confusion: Sequence[Sequence[int]]) -> Sequence[int]:
    """The classes of the matrix, in order: all, or those with the most errors, as true or as predicted class."""
    count = len(found.classes)
    errors = [one.samples + one.predicted - 2 * confusion[place][place] for place, one in enumerate(found.classes)]
    return sorted(sorted(range(count), key=lambda place: -errors[place])[:CLASSES])


def _labels(found: MultilabelDiagnosis) -> Section:
    table = {
        "title": "Labels",
        "columns": ["Samples", "Predicted", "Threshold", "Precision", "Recall", "F1", "Average precision", "ROC AUC"],
        "name": "Label",
        "rows": [
            (
                one.name,
                [
                    show_count(one.samples),
                    show_count(one.predicted),
                    f"{one.threshold:.3f}",
                    *map(_share, (one.precision, one.recall, one.f1)),
                    _number(one.average_precision),
                    _number(one.roc_auc),
                ],
            )
            for one in found.labels
        ],
        "note": "A label is predicted if its probability exceeds its threshold.",
    }
    parts = [
        f"{counted(samples, 'sample')} with {place}" for place, samples in enumerate(found.wrong) if place and samples
    ]
    text = f"Every label is right for {show_count(found.exact)} of {counted(found.samples, 'sample')}." + (
        f" Wrong labels: {', '.join(parts)}." if parts else ""
    )
    return {"text": text, "plots": [], "tables": [table]}


def _values(found: RegressionDiagnosis) -> Section:
    from nas.pages.run.residuals_plot import residuals_plot, truth_plot

    plots = []
    for place, one in enumerate(found.targets[:TARGETS]):
        of = f": {one.name}" if len(found.targets) > 1 else ""
        shown = f"{counted(len(one.points), 'sample')}" + (
            " spread over all." if len(one.points) < found.samples else "."
        )
        plots.append(_plot(truth_plot(f"truth-{place}", one.points), f"Predicted and true values{of}", shown))
        note = "A curve or a funnel means that something is left to learn, or that errors grow with the value."
        plots.append(_plot(residuals_plot(f"residuals-{place}", one.points), f"Residuals{of}", note))
    errors = {
        "title": "Errors",
        "columns": ["RMSE", "MAE", "Bias", "R²"],
        "name": "Target",
        "rows": [(one.name, [*map(_in_unit, (one.rmse, one.mae, one.bias)), _number(one.r2)]) for one in found.targets],
        "note": "The bias is the mean of predictions minus targets.",
    }
    residuals = {
        "title": "Quantiles of residuals",
        "columns": [one.name for one in found.targets],
        "name": "Quantile",
        "rows": [
            (quantile, [_in_unit(one.residuals[place]) for one in found.targets])
            for place, quantile in enumerate(("Least", "5 %", "25 %", "Median", "75 %", "95 %", "Greatest"))
        ],
        "note": "Residuals are predictions minus targets, in the unit of the target.",
    }
    text = f"The errors of {counted(found.samples, 'sample')}."
    return {"text": text, "plots": plots, "tables": [errors, residuals]}


def _plot(svg: str, title: str, note: str) -> Mapping[str, str]:
    return {"svg": svg, "title": title, "note": note}


def _share(value: float | None) -> str:
    return NOTHING if value is None else show_percent(value, decimals=1)


def _in_unit(value: float) -> str:
    """A value of a target, as errors are shown."""
    return show_metric("rmse", value)


def _number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.4f}"
