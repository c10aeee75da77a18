import dataclasses
import os
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from nas.analysis.judged import judge
from nas.analysis.measures import measure
from nas.comparison.folder import ARRAYS
from nas.errors import StorageError
from nas.pages.comparison.page import Options
from nas.pages.comparison.report import comparison_page, write_comparison
from nas.simulation.results import Results, Run
from nas.statistics.survival import survival, until_within
from nas.statistics.verdict import Outcome, verdicts

MakeResults = Callable[..., Results]

VOID = {"meta", "link", "img", "br"}
LOADS = {"script", "link", "img", "iframe", "object", "embed", "video", "audio", "source", "base"}
NASTY = "<script>alert('x')</script> & \"q\" $x$ " + "long" * 20


class Page(HTMLParser):
    """Checks that tags nest and load nothing, and keeps text, headings and table rows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.headings: list[str] = []
        self.rows: list[list[str]] = []
        self.ids: list[str] = []
        self.plots = 0
        self.feed(html)
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))
        self.text = re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in LOADS
        self.plots += tag == "svg"
        for name, value in attrs:
            assert not name.startswith("on")
            assert "://" not in (value or "") or (name, value) == ("xmlns", "http://www.w3.org/2000/svg")
            if name == "id":
                self.ids.append(value or "")
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.words.append(data)
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data

    def row(self, name: str, place: int = 0) -> list[str]:
        return [row for row in self.rows if row and row[0] == name][place]


def page_of(results: Results, **options: object) -> Page:
    return Page(comparison_page(judge(results), Options(**options))[0])  # type: ignore[arg-type]


def changed(results: Results, change: Callable[[Run], Run | None]) -> Results:
    runs = {key: new for key, run in results.runs.items() if (new := change(run)) is not None}
    return dataclasses.replace(results, runs=runs)


def cut(run: Run, length: int) -> Run:
    kept = {name: getattr(run, name)[:length] for name in ARRAYS}
    return dataclasses.replace(run, ids=run.ids[:length], **kept)


def altered(run: Run, **arrays: object) -> Run:
    return dataclasses.replace(run, **arrays)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def results(make_results: MakeResults) -> Results:
    return make_results(4, 2, 15, 60)


@pytest.fixture(scope="module")
def small(make_results: MakeResults) -> Results:
    return make_results(2, 1, 8, 12)


@pytest.fixture(scope="module")
def written(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_comparison(judge(results), tmp_path_factory.mktemp("comparison") / "new")


@pytest.fixture(scope="module")
def page(written: Path) -> Page:
    return Page(written.read_text(encoding="utf-8"))


def test_the_page_tells_what_was_compared_and_what_came_out(page: Page, results: Results) -> None:
    assert page.headings == [
        "Verdicts", "Methods", "Results", "Performance over the search", "Evaluations until near-optimal",
        "Over all problems", "Tables", "Controller overhead", "Settings",
    ]  # fmt: skip
    for word in (*results.controllers, *(problem.name for problem in results.problems), *results.recorded.values()):
        assert word in page.text
    for problem in results.problems:
        assert problem.source in page.text
    assert "population = 20, sample = 5, mutation.rate = 0.1" in page.text
    assert "same 15 seeds (0–14) and a budget of 60 evaluations per run, one evaluation at a time" in page.text
    assert "regret of the incumbent is" in page.text
    assert "judged by the mean of the recorded runs that its search had not drawn" in page.text
    assert page.plots == 2 * 5 + 3


def test_every_plot_lies_beside_the_page(written: Path) -> None:
    names = {path.name for path in (written.parent / "plots").iterdir()}
    assert len(names) == 2 * 13
    assert {"ranks.svg", "ranks.png", "1-table-1-within.png", "2-table-2-incumbent-time.svg"} <= names


def test_verdicts_stand_in_words_and_are_those_of_the_rule(page: Page, results: Results) -> None:
    final = measure(results).final
    order = np.argsort(final.mean(axis=(0, 2)))
    names = [list(results.controllers)[index] for index in order]
    problems = [problem.name for problem in results.problems]
    found = verdicts(final[:, order], names, problems)
    for verdict in (*found, *verdicts(final[:, order], names, problems, over="each")):
        assert f"{verdict.sentence}." in page.text
    assert len(found) == 6
    assert "With 15 seeds and 6 tests, a true difference of" in page.text
    better = [verdict.second for verdict in found
              if verdict.first == names[0] and verdict.outcome is Outcome.BETTER]  # fmt: skip
    row = page.row(names[0])
    assert row[2].replace(" and ", ", ") == (", ".join(better) or "–")
    assert row[1] == f"{final.mean(axis=(0, 2)).min():.{len(row[1].partition('.')[2])}f}"


def test_tables_are_the_numbers_of_the_statistics(page: Page, results: Results) -> None:
    measures = measure(results)
    for place, problem in enumerate(results.problems):
        for column, name in enumerate(results.controllers):
            row = [row for row in page.rows if row[0] == name and row[-2:] == ["60", "15"]][place]
            digits = len(row[1].partition(" ")[0].partition(".")[2])
            tracks = measures.tracks[problem.name, name]
            tests = 100 * np.array([track.test[-1] for track in tracks])
            at_fifty = np.array([track.incumbent[49] for track in tracks])
            for cell, values, shown in (
                (row[1], at_fifty, digits),
                (row[2], measures.final[place, column], digits),
                (row[3], measures.final_best[place, column], digits),
                (row[4], tests, 2),
            ):
                assert cell == f"{values.mean():.{shown}f} ± {values.std(ddof=1):.{shown}f}"


def test_medians_of_the_time_until_near_the_optimum(page: Page, results: Results) -> None:
    tracks = measure(results).tracks["table-1", "evolution"]
    curve = survival(*until_within([track.incumbent for track in tracks], 1.0))
    row = next(row for row in page.rows if row[0] == "evolution" and row[-1].endswith(" of 15"))
    assert curve.median is not None
    assert row[1].startswith(f"{curve.median:.0f} (")


def test_the_same_results_give_the_same_bytes(small: Results, tmp_path: Path) -> None:
    first, second = (write_comparison(judge(small), tmp_path / name) for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    for path in (tmp_path / "a" / "plots").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / "plots" / path.name).read_bytes()
    assert not list(tmp_path.rglob("*.tmp"))
    assert comparison_page(judge(small), Options(seed=1))[0] != first.read_text(encoding="utf-8")


def test_hostile_names_are_escaped_and_stay_in_the_folder(small: Results, tmp_path: Path) -> None:
    names = {"random": NASTY, "local search": "../../" + NASTY}
    problem = dataclasses.replace(small.problems[0], name="../" + NASTY, source=NASTY)
    nasty = dataclasses.replace(
        small,
        name=NASTY,
        problems=(problem,),
        controllers={new: {NASTY: NASTY, "nested": {"deep": [1, NASTY]}} for new in names.values()},
        runs={
            (problem.name, names[run.controller], run.seed): altered(
                run, problem=problem.name, controller=names[run.controller]
            )
            for run in small.runs.values()
        },
        recorded={NASTY: NASTY},
    )
    path = write_comparison(judge(nasty), tmp_path / "x")
    text = path.read_text(encoding="utf-8")
    assert "<script" not in text
    assert NASTY in Page(text).text
    assert all(found.is_relative_to(tmp_path / "x") for found in tmp_path.rglob("*") if found.is_file())


def test_without_truth_observed_values_stand_in_for_regret(make_results: MakeResults) -> None:
    page = page_of(make_results(3, 1, 10, 15, known=False))
    assert "there is no regret, because true quality is unknown" in page.text
    assert "observed error (100 % − val_acc)" in page.text
    assert "Evaluations until near-optimal" not in page.headings
    assert "observed val_acc of the incumbent, %" in page.text
    assert "of the best evaluated" not in page.text


def test_incumbents_that_are_judged_by_what_their_search_saw_are_counted(small: Results) -> None:
    def change(run: Run) -> Run:
        return altered(run, unseen=np.full(len(run), np.nan)) if run.seed < 2 else run

    problem = dataclasses.replace(small.problems[0], runs=(1, 3))
    page = page_of(dataclasses.replace(changed(small, change), problems=(problem,)))
    assert f"which is biased upwards: {problem.name} (4 of {len(small.runs)} runs)." in page.text
    assert "1 to 3 recorded runs of each" in page.text
    assert "no undrawn run is left" not in page_of(small).text


def test_problems_on_different_scales_are_not_averaged(make_results: MakeResults) -> None:
    results = make_results(3, 2, 12, 12)
    unknown = dataclasses.replace(results.problems[1], known=False, optimum=None)
    page = page_of(dataclasses.replace(results, problems=(results.problems[0], unknown)))
    assert "the problems have different units" in page.text
    assert "There is no verdict over all problems" in page.text
    assert "Interquartile mean" not in page.text
    assert "Mean ranks" in page.text
    assert "mean observed error" in page.text


@pytest.mark.parametrize(
    ("controllers", "seeds", "said"),
    [
        (1, 8, "need at least two controllers"),
        (2, 1, "1 paired seed is too few"),
        (3, 3, "3 paired seeds are too few"),
        (2, 8, "Friedman's test compares three controllers or more"),
    ],
)
def test_few_of_anything(make_results: MakeResults, controllers: int, seeds: int, said: str) -> None:
    page = page_of(make_results(controllers, 1, seeds, 10))
    assert said in page.text
    assert page.row("random")
    assert "Performance over the search" in page.headings
    if seeds == 1:
        assert "has a single run, so its curves have no band" in page.text


def test_runs_of_unequal_length_and_failures_are_said(small: Results) -> None:
    def change(run: Run) -> Run | None:
        if run.controller == "random" and run.seed == 0:
            return cut(run, 7)
        if run.seed == 1:
            return altered(run, observed=np.where(np.arange(12) % 3 == 0, np.nan, run.observed))
        return run

    page = page_of(changed(small, change))
    assert "runs have 7 to 12 evaluations" in page.text
    assert "random on table-1: 4 of 91 evaluations failed" in page.text
    assert page.row("random", 2)[-2:] == ["7–12", "8"]
    assert "is better than" in page.text or "not shown:" in page.text


def test_a_controller_that_always_fails_is_the_worst(make_results: MakeResults) -> None:
    results = make_results(3, 1, 10, 10)
    nothing = np.full(10, np.nan)
    page = page_of(changed(results, lambda run: altered(run, observed=nothing) if run.controller == "random" else run))
    worst = f"{100 * results.problems[0].optimum:.6g}"  # type: ignore[operator]
    assert (
        "random on table-1: 100 of 100 evaluations failed, and all of them in 10 of 10 runs; such a run counts as an "
        f"accuracy of 0, regret {worst} percentage points."
    ) in page.text
    assert "evolution is better than random" in page.text
    assert page.row("random")[3] == "evolution and local search"
    (ending,) = {row[-5] for row in page.rows if row[0] == "random" and row[-2:] == ["10", "10"]}
    assert ending == f"{float(worst):.2f} ± 0.00"


def test_missing_runs_and_missing_times(small: Results) -> None:
    nothing = np.full(12, np.nan)

    def change(run: Run) -> Run | None:
        if run.controller == "random" and run.seed == 2:
            return None
        return altered(run, seconds=nothing, clock=nothing, own_seconds=nothing, test=nothing)

    page = page_of(changed(small, change))
    assert "random on table-1: 1 of 8 runs are missing" in page.text
    assert "Tests and ranks use the 7 of 8 seeds with a final value in every run" in page.text
    assert "no seconds were recorded" in page.text
    assert "own time was not recorded" in page.text
    assert "Controller overhead" not in page.headings


def test_no_runs_at_all(small: Results) -> None:
    page = page_of(dataclasses.replace(small, runs={}))
    assert "no run has a final value" in page.text
    assert page.plots == 0


def test_a_budget_of_seconds_and_the_median(make_results: MakeResults) -> None:
    page = page_of(make_results(2, 1, 8, 12, budget=("seconds", 7200.0)), statistic="median")
    assert "a budget of 2 h per run" in page.text
    assert "Lines show the median over the seeds" in page.text


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(small: Results, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError):
        write_comparison(judge(small), tmp_path / "x")
