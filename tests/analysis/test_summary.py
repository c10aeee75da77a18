"""The few numbers and sentences that a comparison comes to."""

from dataclasses import replace

import numpy as np
import pytest

from nas.analysis.judged import judge
from nas.analysis.summary import show_summary, summarize, summary_dict
from nas.simulation.results import ProblemFacts, Results, Run

FACTS = ProblemFacts("t", "made", "val_acc", optimum=0.9, size=5, known=True)


def run(controller: str, seed: int, observed: list[float], truth: list[float]) -> Run:
    n = len(observed)
    ones = np.ones(n)
    ids = tuple("abcde"[k % 2] for k in range(n))
    return Run(
        "t",
        controller,
        seed,
        ids,
        np.full(n, np.nan),
        np.array(observed),
        np.array(truth),
        np.full(n, np.nan),
        np.array(truth) - 0.1,
        ones,
        ones,
        ones,
        np.arange(1.0, n + 1),
        ones / 100,
    )


def results(seeds: int = 8) -> Results:
    runs = {}
    for seed in range(seeds):
        noise = seed / 1000
        runs["t", "good", seed] = run("good", seed, [0.5, 0.8, np.nan, 0.7], [0.5, 0.9 - noise, 0.9, 0.7])
        runs["t", "bad", seed] = run("bad", seed, [0.5, 0.6], [0.5, 0.6 - noise * (seed % 3)])
    return Results(
        "s", (FACTS,), {"good": {}, "bad": {}}, tuple(range(seeds)), ("evaluations", 4), 1, runs, {"delta": "0.5"}
    )


def test_rows() -> None:
    good, bad = summarize(judge(results()), 0.5)
    assert (good.controller, good.within, bad.within, good.runs, good.failed) == ("good", 6, 0, 8, 0)
    assert (good.quantity, good.unit) == ("regret", "percentage points")
    assert (good.value, bad.value) == pytest.approx((0.35, 30 + 0.1 * 26 / 8))
    assert good.deviation == pytest.approx(np.std(np.arange(8) / 10, ddof=1))
    assert good.best == pytest.approx(0.35), "what failed was not seen"
    assert good.test == pytest.approx(0.8 - 0.0035)
    assert (good.evaluations, good.distinct, good.proposal_seconds) == (4, 2, 0.01)


def test_within_is_about_the_end() -> None:
    made = results()
    lucky = {("t", "good", seed): run("good", seed, [0.5, 0.6], [0.9, 0.7]) for seed in range(8)}
    assert summarize(judge(replace(made, runs={**made.runs, **lucky})), 0.5)[0].within == 0


def test_without_an_optimum() -> None:
    made = replace(results(), problems=(replace(FACTS, optimum=None, known=False),))
    rows = summarize(judge(made), 0.5)
    assert [row.value for row in rows] == pytest.approx([20, 40])
    assert [row.within for row in rows] == [None, None]
    assert rows[0].quantity == "observed error (100 % − val_acc)"


def test_a_controller_that_fails() -> None:
    made = results()
    failed = {("t", "bad", seed): run("bad", seed, [np.nan] * 2, [0.5, 0.6]) for seed in range(8)}
    rows = summarize(judge(replace(made, runs={**made.runs, **failed})), 99.0)
    assert (rows[1].value, rows[1].best, rows[1].test, rows[1].failed) == pytest.approx((90, 90, 0, 8))
    assert rows[1].within == 0


def test_runs_that_are_not_there() -> None:
    made = results()
    rows = summarize(judge(replace(made, runs={})), 0.5)
    assert [(row.value, row.runs, row.evaluations) for row in rows] == [(None, 0, None)] * 2


def test_plain_data() -> None:
    judged = judge(results())
    found = summary_dict(judged, summarize(judged, 0.5))
    assert list(found) == ["summary", "verdicts", "verdicts_on_problems", "notes"]
    assert list(found["summary"][0])[:6] == ["problem", "controller", "quantity", "unit", "value", "deviation"]
    assert found["verdicts"] == found["verdicts_on_problems"]
    assert found["verdicts"][0]["sentence"].startswith("good is better than bad on t: mean regret 0.35 against 30.3")


def test_what_is_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    judged = judge(results())
    show_summary(judged, summarize(judged, 0.5), 0.5)
    lines = capsys.readouterr().out.splitlines()
    assert [line.rstrip() for line in lines[:5]] == [
        "                       best  test,  within  trials /     ms",
        "              regret   seen      %     0.5  distinct   each",
        "t",
        "  good   0.35 ± 0.24   0.35  79.65     6/8     4 / 2  10.00",
        "  bad   30.33 ± 0.37  30.33  49.68     0/8     2 / 2  10.00",
    ]
    assert lines[5].startswith("good is better than bad on t: ")
