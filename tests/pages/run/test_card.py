"""The card of a network says what is known of it, and no more."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from nas.pages.run.card import LIMITS, MOST_CLASSES, card, table, with_files, without_files
from nas.pages.run.run_summary import RunSummary
from nas.runs.summary import read_run
from nas.tasks.diagnosis.classification import ClassificationDiagnosis


@pytest.fixture(scope="module")
def run(finished: Path) -> RunSummary:
    return read_run(finished)


def section(text: str, title: str) -> str:
    """The content of a section; empty if there is none."""
    return text.partition(f"\n## {title}\n\n")[2].partition("\n\n## ")[0]


def test_what_a_card_says(run: RunSummary) -> None:
    text = card(run)
    chosen = run.chosen
    assert chosen is not None
    assert chosen.tested is not None
    assert text.startswith(f"# {run.name}: {chosen.architecture.id}\n\nWith ")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "Task",
        "Data",
        "Figures",
        "Confusion",
        "Network",
        "Search",
        "Limits",
    ]
    (accuracy,) = [line for line in text.splitlines() if line.startswith("| Test accuracy |")]
    low, high = chosen.tested.intervals["test_acc"]
    assert f"{100 * chosen.test['test_acc']:.2f}" in accuracy
    assert f"{100 * low:.2f}" in accuracy
    assert f"{100 * high:.2f}" in accuracy
    assert f"{chosen.architecture.params:,} parameters" in section(text, "Network").replace("\u202f", ",")
    assert f"`{run.controller}`" in section(text, "Search")
    assert section(text, "Limits").splitlines() == [*LIMITS]
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_all_rows_of_a_table_have_as_many_cells(run: RunSummary) -> None:
    for name in ("Figures", "Confusion"):
        rows = [line for line in section(card(run), name).splitlines() if line.startswith("|")]
        assert len(rows) > 2
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1
    assert table(["a|b", "c"], [["d\ne", "f"]]) == ["| a\\|b | c |", "| --- | --- |", "| d e | f |"]


def test_what_an_export_adds(run: RunSummary) -> None:
    assert section(card(run, latency="1 ms."), "Latency") == "1 ms."
    text = card(run)
    added = with_files(text, {"python": "equal outputs", "onnx": "about the same"})
    assert section(added, "Files") == "* `python`: equal outputs.\n* `onnx`: about the same.\n"
    assert without_files(added) == without_files(text) == text


def test_what_is_not_known_is_left_out(run: RunSummary) -> None:
    assert "\n## Confusion\n" not in card(replace(run, diagnosed=None))
    looked_at = run.diagnosed
    assert looked_at is not None
    assert isinstance(looked_at.diagnosis, ClassificationDiagnosis)
    many = replace(looked_at.diagnosis, classes=looked_at.diagnosis.classes[:1] * (MOST_CLASSES + 1))
    assert "\n## Confusion\n" not in card(replace(run, diagnosed=replace(looked_at, diagnosis=many)))
    with pytest.raises(ValueError, match="no selected network"):
        card(replace(run, finalists=()))
