import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from nas.analysis.measures import Scale, comparable, latest, measure, scale_of, stacked, track_of
from nas.errors import UsageError
from nas.simulation.results import ProblemFacts, Results, Run

NAN = float("nan")
PROBLEM = ProblemFacts("t", "somewhere", "val_acc", 0.9, 100, True)


def run(observed: list[float], truth: list[float], trained: list[float] | None = None) -> Run:
    count = np.arange(1.0, len(observed) + 1)
    seen, true = np.array(observed), np.array(truth)
    epochs = np.ones(len(count)) if trained is None else np.array(trained)
    ids, nothing = tuple(map(str, count)), np.full(len(count), NAN)
    return Run("t", "c", 0, ids, nothing, seen, true, nothing, true - 0.1, epochs, count, count, count, count)


def test_the_incumbent_is_chosen_by_what_was_observed_and_judged_by_truth() -> None:
    track = track_of(run([0.5, 0.8, 0.7], [0.6, 0.5, 0.9]), PROBLEM)
    assert np.allclose(track.incumbent, [30, 40, 40])
    assert np.allclose(track.best, [30, 30, 0])
    assert np.allclose(track.test, [0.5, 0.4, 0.4])


def test_an_incumbent_is_judged_by_runs_that_its_search_did_not_see() -> None:
    seen = run([0.5, 0.8, 0.7, 0.8], [0.6, 0.7, 0.7, 0.7])
    # Architecture 1 is evaluated three times: by the second time one of its runs is left, by the third none.
    seen = dataclasses.replace(seen, row=np.array([0.0, 1, 1, 1]), unseen=np.array([0.55, 0.65, 0.95, NAN]))
    track = track_of(seen, PROBLEM)
    assert np.allclose(track.incumbent, [35, 25, -5, 20]), "a single run may be better than the best mean"
    assert np.allclose(track.recorded, [30, 20, 20, 20])
    assert track.biased.tolist() == [False, False, False, True]
    assert np.allclose(track.best, [30, 20, 20, 20])


def test_the_latest_evaluation_of_an_architecture() -> None:
    row = np.array([3.0, 5, 3, 5, 5])
    assert latest(row, np.array([0, 1, 1, 1, 0])).tolist() == [0, 1, 1, 3, 2]
    assert latest(np.full(3, NAN), np.array([0, 0, 2])).tolist() == [0, 0, 2]


def test_failures_count_and_find_nothing() -> None:
    track = track_of(run([NAN, 0.5, NAN, 0.6], [0.9, 0.6, NAN, 0.7]), PROBLEM)
    assert np.allclose(track.incumbent, [NAN, 30, 30, 20], equal_nan=True)
    assert np.allclose(track.best, [NAN, 30, 30, 20], equal_nan=True)
    nothing = track_of(run([NAN, NAN], [0.5, 0.5]), PROBLEM)
    assert np.isnan([nothing.incumbent, nothing.best, nothing.test]).all()


@pytest.mark.parametrize(
    ("problem", "worst"),
    [
        (PROBLEM, 90.0),
        (dataclasses.replace(PROBLEM, known=False, optimum=None), 100.0),
        (dataclasses.replace(PROBLEM, known=False, optimum=None, metric="score"), -0.2),
        (dataclasses.replace(PROBLEM, metric="score", optimum=3.0), 2.9),
    ],
)
def test_nothing_to_hand_over_is_the_worst_value(problem: ProblemFacts, worst: float) -> None:
    runs = {
        ("t", "good", 0): run([0.5, 0.8], [0.6, 0.7]),
        ("t", "late", 0): run([NAN, 0.2], [0.9, 0.1]),
        ("t", "bad", 0): run([NAN, NAN, NAN], [0.9, 0.9, 0.9]),
    }
    results = Results("s", (problem,), {"good": {}, "late": {}, "bad": {}}, (0,), ("evaluations", 3), 1, runs, {})
    measures = measure(results)
    assert measures.worst["t"] == pytest.approx(worst)
    assert (measures.final <= worst + 1e-9).all()
    assert measures.final[0, 2] == measures.final_best[0, 2] == pytest.approx(worst)
    (late,), (bad,) = measures.tracks["t", "late"], measures.tracks["t", "bad"]
    assert late.incumbent[0] == pytest.approx(worst)
    assert (late.begin, late.failed, bad.begin, bad.failed) == (1, False, 3, True)
    assert bad.incumbent == pytest.approx(worst)
    assert (late.test[0], bad.test.tolist()) == (0, [0, 0, 0])
    assert not bad.within(1000)


def test_where_everybody_fails() -> None:
    for metric, worst in (("val_acc", 90.0), ("score", NAN)):
        problem = dataclasses.replace(PROBLEM, metric=metric)
        runs = {("t", "a", 0): run([NAN], [0.5]), ("t", "b", 0): run([NAN], [0.5])}
        measures = measure(Results("s", (problem,), {"a": {}, "b": {}}, (0,), ("evaluations", 1), 1, runs, {}))
        assert measures.final.ravel() == pytest.approx([worst, worst], nan_ok=True)
        assert np.isnan(measures.tracks["t", "a"][0].test).all(), "nothing is known of test accuracies here"


def test_what_was_trained_for_longer_goes_first() -> None:
    # 0.9 after an epoch is nothing beside 0.5 after three; a failure at 9 epochs does not count as 9.
    track = track_of(
        run([0.6, 0.9, 0.5, 0.8, NAN, 0.7, 0.4], [0.6, 0.7, 0.8, 0.9, 0.9, 0.5, 0.85], [1, 1, 3, 1, 9, 3, 3]), PROBLEM
    )
    assert np.allclose(track.incumbent, [30, 20, 10, 10, 10, 40, 40])
    assert np.allclose(track.best, [30, 20, 10, 10, 10, 10, 5])
    assert np.allclose(track.test, [0.5, 0.6, 0.7, 0.7, 0.7, 0.4, 0.4])


def test_an_incumbent_of_unknown_truth_has_no_loss() -> None:
    track = track_of(run([0.5, 0.8], [0.6, NAN]), PROBLEM)
    assert np.allclose(track.incumbent, [30, NAN], equal_nan=True)
    assert np.allclose(track.best, [30, 30])


def test_without_truth_what_was_observed_counts() -> None:
    unknown = dataclasses.replace(PROBLEM, known=False, optimum=None)
    assert np.allclose(track_of(run([0.5, 0.8, 0.7], [NAN] * 3), unknown).incumbent, [50, 20, 20])
    loss = dataclasses.replace(unknown, metric="minus val_loss")
    assert np.allclose(track_of(run([-3.0, -2.0], [NAN] * 2), loss).incumbent, [3, 2])


@pytest.mark.parametrize(
    ("metric", "optimum", "known", "scale"),
    [
        ("val_acc", 0.9, True, Scale("regret", "percentage points", "regret", True, True, True)),
        ("test_f1", None, True,
         Scale("true error (100 % − test_f1)", "percentage points", "error", False, True, True)),
        ("val_acc", 0.9, False,
         Scale("observed error (100 % − val_acc)", "percentage points", "error", False, False, True)),
        ("neg_loss", None, False,
         Scale("observed −1 × neg_loss", "units of neg_loss", "−neg_loss", False, False, False)),
        ("score", 3.0, True, Scale("regret", "units of score", "regret", True, True, False)),
    ],
)  # fmt: skip
def test_scales(metric: str, optimum: float | None, known: bool, scale: Scale) -> None:
    assert scale_of(ProblemFacts("t", "", metric, optimum, None, known)) == scale


def test_regret_of_a_score_that_is_no_accuracy_is_in_its_units() -> None:
    problem = ProblemFacts("t", "", "score", 3.0, None, True)
    assert np.allclose(track_of(run([1.0, 2.0], [1.0, 2.5]), problem).incumbent, [2, 0.5])


def test_a_quality_above_the_optimum_is_an_error() -> None:
    with pytest.raises(UsageError, match="above the optimum"):
        track_of(run([0.5], [0.95]), PROBLEM)


def test_final_values_by_problem_controller_and_seed(make_results: Callable[..., Results]) -> None:
    results = make_results(2, 2, 3, 5)
    runs = {key: run for key, run in results.runs.items() if (run.problem, run.seed) != ("table-2", 1)}
    gone = measure(dataclasses.replace(results, runs=runs))
    whole = measure(results)
    assert whole.final.shape == (2, 2, 3)
    assert np.isnan(gone.final[1, :, 1]).all()
    assert np.array_equal(gone.final[0], whole.final[0])
    assert (whole.final >= whole.final_best).all()
    assert whole.final[1, 0, 2] == whole.tracks["table-2", "random"][2].incumbent[-1]
    assert len(gone.tracks["table-2", "random"]) == 2


def test_what_can_be_paired() -> None:
    final = np.ones((2, 3, 4))
    final[0, 0] = final[1, 1, 3] = NAN
    controllers, seeds = comparable(final)
    assert controllers.tolist() == [False, True, True]
    assert seeds.tolist() == [True, True, True, False]
    controllers, seeds = comparable(np.full((1, 2, 3), NAN))
    assert not controllers.any()
    assert not seeds.any()


def test_stacked() -> None:
    table = stacked([np.array([1.0, 2.0]), np.array([NAN])])
    assert np.array_equal(table, np.array([[1, 2], [NAN, NAN]]), equal_nan=True)
