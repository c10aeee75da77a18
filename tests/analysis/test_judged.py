"""One judgement, and everything that is shown made from it."""

import dataclasses
import json
import re
from collections.abc import Callable

import numpy as np
import pytest

from nas.analysis.judged import Judgement, against, judge, winner_of
from nas.analysis.measures import measure
from nas.analysis.summary import show_summary, summarize, summary_dict
from nas.errors import UsageError
from nas.pages.comparison.page import Options, Page
from nas.pages.comparison.report import comparison_page
from nas.simulation.results import Results
from nas.statistics.verdict import Outcome

MakeResults = Callable[..., Results]
Fails = Callable[[str, str, int], bool]
"""Whether all evaluations of a controller on a problem with a seed fail."""


def failing(results: Results, fails: Fails) -> Results:
    runs = {
        key: dataclasses.replace(run, observed=np.full(len(run), np.nan))
        if fails(run.controller, run.problem, run.seed)
        else run
        for key, run in results.runs.items()
    }
    return dataclasses.replace(results, runs=runs)


def scores(results: Results, *places: int) -> Results:
    """The same, where the metric of some problems is no accuracy, and their optimum is not known."""
    problems = tuple(
        dataclasses.replace(problem, metric="neg_loss", optimum=None, known=False) if place in places else problem
        for place, problem in enumerate(results.problems)
    )
    return dataclasses.replace(results, problems=problems)


STUDIES: dict[str, Callable[[MakeResults], Results]] = {
    "ordinary": lambda make: make(3, 2, 10, 30),
    "one problem": lambda make: make(2, 1, 8, 30),
    "a run fails": lambda make: failing(make(3, 2, 10, 30), lambda *run: run == ("evolution", "table-1", 4)),
    "a controller fails": lambda make: failing(make(3, 1, 10, 30), lambda who, *_: who == "evolution"),
    "everybody fails": lambda make: failing(make(2, 1, 8, 10), lambda *_: True),
    "everybody fails at a score": lambda make: failing(
        scores(make(2, 2, 8, 10), 0), lambda _, problem, seed: problem == "table-1"
    ),
    "one seed": lambda make: make(2, 2, 1, 20),
    "one controller": lambda make: make(1, 1, 8, 20),
    "several units": lambda make: failing(
        scores(make(3, 2, 10, 30), 1), lambda who, _, seed: who == "random" and seed < 3
    ),
    "a score alone": lambda make: failing(
        scores(make(2, 1, 8, 30), 0), lambda who, _, seed: who == "random" and seed < 2
    ),
    "no truth": lambda make: make(2, 1, 8, 30, known=False),
}


@pytest.fixture(scope="module", params=STUDIES)
def comparison(request: pytest.FixtureRequest, make_results: MakeResults) -> Results:
    return STUDIES[request.param](make_results)


def words(html: str) -> str:
    text = re.sub(r"<style.*?</style>|<svg.*?</svg>", "", html, flags=re.DOTALL)
    for code, letter in (("&#39;", "'"), ("&#34;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(code, letter)
    return text


def numbers(row: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+\.\d+|-?\d+", row)]


def test_page_terminal_and_json_say_the_same(
    comparison: Results, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    judged = judge(comparison)
    rows = summarize(judged, 0.5)
    show_summary(judged, rows, 0.5)
    printed = capsys.readouterr().out.splitlines()
    monkeypatch.setattr(Page, "draw", lambda *_: None)  # plots take most of the time, and say nothing in words
    page = words(comparison_page(judged, Options())[0])
    found = json.loads(json.dumps(summary_dict(judged, rows), allow_nan=False))

    # The verdicts: those of the terminal are those of the JSON, and the page has no others than the JSON.
    sentences = [one["sentence"] for one in found["verdicts"]]
    everywhere = {f"{one['sentence']}." for one in (*found["verdicts"], *found["verdicts_on_problems"])}
    assert [line for line in printed if f"{line[:-1]}" in sentences] == [f"{one}." for one in sentences]
    listed = re.findall(r"<li>(not shown: .*|.* is (?:better|worse) than .*: mean .*)</li>", page)
    assert set(listed) == everywhere
    for one in found["verdicts"]:
        assert (one["outcome"] == "not shown") == one["sentence"].startswith("not shown: ")
        pair = rf"<tr><td>{one['first']} against {one['second']}</td><td>{one['outcome']}</td>"
        assert pair in page or not judged.mean

    # What is missing and to be borne in mind.
    assert found["notes"] == list(judged.notes)
    assert printed[len(printed) - len(judged.notes) :] == list(judged.notes)
    assert all(f"<li>{note}</li>" in page for note in judged.notes)

    # The numbers.
    table = page[page.index('<section id="tables">') :]
    parts = re.split(r'<h3 class="problem">', table)[1:]
    grid = (
        printed[: next(place for place, line in enumerate(printed) if line in [*judged.notes, *everywhere])]
        if (judged.notes or everywhere)
        else printed
    )
    lines = [line for line in grid if line.startswith("  ") and line.strip().split("  ")[0] in comparison.controllers]
    assert all(len(line) <= 80 for line in grid)
    for row, line in zip(rows, lines, strict=True):
        part = parts[[problem.name for problem in comparison.problems].index(row.problem)]
        cells = re.findall(r"<td[^>]*>(?:<b[^>]*>)?([^<]*)", part[part.index(f"<tr><td>{row.controller}</td>") :])
        columns = part.count("incumbent ")
        ending, values = cells[columns], line[line.index(row.controller) + len(row.controller) :]
        assert part.startswith(f"{row.problem}<span>{row.quantity}, {row.unit}</span>")
        if row.value is None:
            assert ending == values.split()[0] == "–"
            continue
        assert numbers(ending)[0] == pytest.approx(row.value, abs=0.006)
        assert numbers(values)[0] == pytest.approx(row.value, abs=0.006)
        if row.deviation is not None:
            assert numbers(ending)[1] == pytest.approx(row.deviation, abs=0.006)
            assert numbers(values)[1] == pytest.approx(row.deviation, abs=0.006)
        assert cells[columns + 2].split()[0] == ("–" if row.test is None else f"{100 * row.test:.2f}")
        if row.within is not None:
            assert f'<td class="n">{row.within} of {row.runs}</td>' in page
            assert f" {row.within}/{row.runs} " in line
        if row.failed:
            assert any(
                note.startswith(f"{row.controller} on {row.problem}: ")
                and f"all of them in {row.failed} of {row.runs} runs" in note
                for note in judged.notes
            )


def test_no_seed_is_dropped_because_a_run_failed(comparison: Results) -> None:
    judged = judge(comparison)
    assert judged.seeds in (len(comparison.seeds), 0)
    assert len(judged.controllers) == (len(comparison.controllers) if judged.seeds else 0)


@pytest.mark.parametrize("metric", ["accuracy", "score"])
def test_nobody_gains_by_failing(metric: str, make_results: MakeResults) -> None:
    results = make_results(3, 1, 8, 15)
    results = scores(results, 0) if metric == "score" else results
    before = measure(results).final
    for place, name in enumerate(results.controllers):
        for seed in range(8):
            after = measure(failing(results, lambda *run, one=(name, "table-1", seed): run == one)).final
            assert after[0, place].mean() >= before[0, place].mean()
            assert (after[0, place, seed] >= after[0, :, seed]).all()


def test_the_rule_for_failed_runs_is_said(make_results: MakeResults) -> None:
    results = failing(make_results(2, 1, 8, 15), lambda who, problem, seed: who == "random" and seed < 2)
    optimum = 100 * (results.problems[0].optimum or 0)
    assert judge(results).notes == [
        "random on table-1: 30 of 120 evaluations failed, and all of them in 2 of 8 runs; such a run counts as an "
        f"accuracy of 0, regret {optimum:.6g} percentage points.",
    ]
    notes = judge(scores(results, 0)).notes
    assert notes[-1].startswith(
        "random on table-1: 30 of 120 evaluations failed, and all of them in 2 of 8 runs; such a run counts as the "
        "worst value of all evaluated on this problem, observed −1 × neg_loss -0.8"
    )
    assert notes[-1].endswith(" units of neg_loss.")


@pytest.fixture(scope="module")
def judged(make_results: MakeResults) -> Judgement:
    return judge(make_results(4, 2, 20, 80))


def test_the_lowest_mean_comes_first(judged: Judgement) -> None:
    means = judged.values.mean(axis=(0, 2))
    assert list(means) == sorted(means)
    assert judged.values.shape == (2, 4, 20)
    assert judged.seeds == 20


def test_one_family_over_the_mean_and_one_over_the_problems(judged: Judgement) -> None:
    assert len(judged.mean) == 6
    assert len(judged.each) == 12
    assert judged.verdicts is judged.mean


def test_standing_is_seen_from_both_sides(judged: Judgement) -> None:
    names = judged.controllers
    for name in names:
        better, worse, neither = judged.standing(name)
        assert sorted([*better, *worse, *neither]) == sorted(set(names) - {name})
        assert all(name in judged.standing(other)[1] for other in better)
        assert all(name in judged.standing(other)[2] for other in neither)
    assert any(judged.standing(name)[0] for name in names), "somebody is shown to be better"


def test_a_pair_has_one_verdict_and_its_winner(judged: Judgement) -> None:
    first, second = judged.controllers[0], judged.controllers[-1]
    verdict = against(judged.mean, first, second)
    assert verdict is against(judged.mean, second, first)
    assert verdict is not None
    assert verdict.outcome is not Outcome.NOT_SHOWN
    assert winner_of(verdict) == first
    assert against(judged.mean, first, "nobody") is None


def test_what_the_seeds_can_show(judged: Judgement) -> None:
    assert judged.reach.startswith("With 20 seeds and 6 tests, a true difference of ")
    assert dataclasses.replace(judged, mean=(), each=()).reach == ""


def test_too_few_seeds_are_said(make_results: MakeResults) -> None:
    judged = judge(make_results(3, 1, 3, 20))
    assert judged.verdicts == ()
    assert any(note.startswith("Verdicts: ") for note in judged.notes)


def test_runs_that_are_not_there_are_said(make_results: MakeResults) -> None:
    results = make_results(2, 1, 8, 20)
    runs = dict(results.runs)
    del runs["table-1", "random", 0]
    judged = judge(dataclasses.replace(results, runs=runs))
    assert judged.notes == [
        "random on table-1: 1 of 8 runs are missing.",
        "Tests and ranks use the 7 of 8 seeds with a final value in every run.",
    ]
    assert judged.seeds == 7


def test_an_incumbent_of_unknown_quality_is_no_failure(make_results: MakeResults) -> None:
    results = make_results(2, 1, 8, 20)
    key = ("table-1", "random", 0)
    nothing = np.full(20, np.nan)
    unknown = dataclasses.replace(results.runs[key], truth=nothing, unseen=nothing)
    judged = judge(dataclasses.replace(results, runs={**results.runs, key: unknown}))
    assert judged.notes[0] == (
        "random on table-1: the quality of the final incumbent is unknown in 1 of 8 runs. Their seeds are left out of "
        "means, tests and ranks."
    )


def test_nothing_to_judge(make_results: MakeResults) -> None:
    with pytest.raises(UsageError, match="nothing to compare"):
        judge(dataclasses.replace(make_results(1, 1, 2, 5), seeds=()))
