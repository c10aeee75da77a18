"""Where the network is right and wrong, as text, plots and tables."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nas.final.diagnosed import Diagnosed
from nas.pages.run import RunSummary
from nas.pages.run.diagnosis_section import CLASSES, diagnosis_section
from nas.tasks import Classification, Multilabel, Regression
from nas.tasks.diagnosis import Diagnosis
from tests.pages.svg import check_inline

MakeRun = Callable[..., RunSummary]
RNG = np.random.default_rng(0)


def section(make_run: MakeRun, diagnosis: Diagnosis, part: str = "test") -> Any:
    found = diagnosis_section(make_run(diagnosed=Diagnosed(part, diagnosis.samples, diagnosis, ())))
    assert found is not None
    check_inline(plot["svg"] for plot in found["plots"])
    return found


def classified(count: int, samples: int = 60) -> Diagnosis:
    """Each class is predicted but for samples of class 1, which are taken for class 0."""
    targets = np.arange(samples) % count
    chances = np.full((samples, count), 0.1 / (count - 1))
    chances[np.arange(samples), np.where(targets == 1, 0, targets)] = 0.9
    return Classification(tuple(f"kind {place}" for place in range(count))).diagnose(chances, targets)


def test_nothing_was_looked_at(make_run: MakeRun) -> None:
    assert diagnosis_section(make_run()) is None
    assert diagnosis_section(make_run(diagnosed=Diagnosed("test", 1, None, ()))) is None


def test_two_classes(make_run: MakeRun) -> None:
    found = section(make_run, classified(2))
    assert found["title"] == "The selected network on the test data"
    assert found["text"] == "30 of 60 samples are classified wrongly."
    assert [plot["title"] for plot in found["plots"]] == ["Confusion matrix", "ROC curve", "Calibration"]
    classes, pairs = found["tables"]
    cells = {name: [cell.replace("\u00a0", " ") for cell in cells] for name, cells in classes["rows"]}
    assert cells["kind 1"] == ["30", "0", "–", "0.0 %", "0.0 %"]
    assert cells["kind 0"] == ["30", "60", "50.0 %", "100.0 %", "66.7 %"]
    assert [(name, row[:2]) for name, row in pairs["rows"]] == [("kind 1", ["kind 0", "30"])]


def test_many_classes_are_those_with_errors(make_run: MakeRun) -> None:
    found = section(make_run, classified(30), part="val")
    assert found["title"] == "The selected network on the validation data"
    assert found["text"].endswith("The network was selected on these data, so it is optimistic.")
    assert [plot["title"] for plot in found["plots"]] == ["Confusion matrix", "Calibration"]
    assert f"The {CLASSES} classes with the most errors; 10 are left out." in found["plots"][0]["note"]
    assert len(found["tables"][0]["rows"]) == CLASSES
    assert found["tables"][0]["rows"][0][0] == "kind 1", "the lowest F1 first"
    assert section(make_run, classified(120, samples=240))["plots"][0]["title"] == "Calibration"


def test_labels(make_run: MakeRun) -> None:
    targets = np.array([[1, 0], [1, 1], [0, 1]], np.uint8)
    chances = np.array([[0.9, 0.2], [0.8, 0.3], [0.4, 0.7]])
    found = section(make_run, Multilabel(("sea", "sun"), (0.5, 0.25)).diagnose(chances, targets))
    assert found["text"] == "Every label is right for 3 of 3 samples."
    assert found["tables"][0]["rows"][1][1][2] == "0.250"
    found = section(make_run, Multilabel(("sea", "sun")).diagnose(chances, targets))
    assert found["text"] == "Every label is right for 2 of 3 samples. Wrong labels: 1 sample with 1."


def test_values(make_run: MakeRun) -> None:
    targets = RNG.normal(size=(50, 6)).astype(np.float32)
    names = tuple("abcdef")
    found = section(make_run, Regression.fitted(names, targets).diagnose(targets + 0.5, targets))
    assert len(found["plots"]) == 8, "two plots for each of the first four targets"
    assert found["plots"][2]["title"] == "Predicted and true values: b"
    errors, residuals = found["tables"]
    assert errors["rows"][0][1][:3] == ["0.5000", "0.5000", "0.5000"]
    assert len(errors["rows"]) == 6
    assert residuals["rows"][3] == ("Median", ["0.5000"] * 6)
    assert len(residuals["rows"]) == 7
    for table in (errors, residuals):
        assert all(len(cells) == len(table["columns"]) for _, cells in table["rows"])
