"""The few numbers and sentences that a comparison comes to."""

from dataclasses import replace

import numpy as np
import pytest

from nas.comparison.results import Results, Run, TaskFacts
from nas.comparison.summary import final_values, judge, quantity, show_summary, summarize

FACTS = TaskFacts("t", "made", "val_acc", optimum=0.9, size=5, known=True)


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


def test_values_and_rows() -> None:
    made = results()
    values = final_values(made)
    assert values.shape == (1, 2, 8)
    assert values[0, :, 2] == pytest.approx([0.2, 30.4])
    assert quantity(made) == "regret"
    good, bad = summarize(made, 0.5)
    assert (good.controller, good.reached, bad.reached) == ("good", 6, 0)
    assert (good.value, bad.value) == pytest.approx((0.35, 30 + 0.1 * 26 / 8))
    assert good.deviation == pytest.approx(np.std(np.arange(8) / 10, ddof=1))
    assert good.best == pytest.approx(0.35), "what failed was not seen"
    assert good.test == pytest.approx(0.8 - 0.0035)
    assert (good.evaluations, good.distinct, good.proposal_seconds) == (4, 2, 0.01)


def test_without_an_optimum() -> None:
    made = replace(results(), tasks=(replace(FACTS, optimum=None, known=False),))
    assert final_values(made)[0, :, 0] == pytest.approx([20, 40])
    assert quantity(made) == "validation error"
    assert [row.reached for row in summarize(made, 0.5)] == [None, None]


def test_a_verdict_on_each_pair() -> None:
    (verdict,) = judge(results())
    assert verdict.sentence.startswith("good is better than bad on t: mean regret 0.35 against 30.3")
    assert judge(replace(results(), controllers={"good": {}})) == ()


def test_what_is_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    made = results()
    show_summary(made, summarize(made, 0.5), judge(made), 0.5)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        "task",
        "controller",
        "regret",
        "best",
        "seen",
        "test",
        "within",
        "0.5",
        "trials",
        "distinct",
        "ms",
        "each",
    ]
    assert lines[1].split() == ["t", "good", "0.35", "±", "0.24", "0.35", "79.65", "%", "6/8", "4", "2", "10.00"]
    assert lines[2].split()[:4] == ["bad", "30.33", "±", "0.37"]
    assert lines[3].startswith("good is better than bad on t: ")
