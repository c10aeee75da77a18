"""What the verdicts of a study say of each controller."""

from collections.abc import Callable

import numpy as np
import pytest

from nas.comparison.judged import Judged, Options, Study, against, judge, notes_on_runs, reach, standing, winner_of
from nas.comparison.measures import measure
from nas.comparison.results import Results
from nas.comparison.verdict import Outcome


def _study(results: Results) -> Study:
    return Study(results, measure(results), Options(), np.random.default_rng(0))


@pytest.fixture(scope="module")
def judged(make_results: Callable[..., Results]) -> Judged:
    return judge(_study(make_results(4, 2, 20, 80)))


def test_the_lowest_mean_comes_first(judged: Judged) -> None:
    means = judged.values.mean(axis=(0, 2))
    assert list(means) == sorted(means)
    assert judged.values.shape == (2, 4, 20)
    assert judged.seeds == 20


def test_one_family_over_the_mean_and_one_over_the_tasks(judged: Judged) -> None:
    assert len(judged.mean) == 6
    assert len(judged.each) == 12


def test_standing_is_seen_from_both_sides(judged: Judged) -> None:
    names = [who.name for who in judged.who]
    for name in names:
        better, worse, neither = standing(judged, name)
        assert sorted([*better, *worse, *neither]) == sorted(set(names) - {name})
        assert all(name in standing(judged, other)[1] for other in better)
        assert all(name in standing(judged, other)[2] for other in neither)
    assert any(standing(judged, name)[0] for name in names), "somebody is shown to be better"


def test_a_pair_has_one_verdict_and_its_winner(judged: Judged) -> None:
    first, second = judged.who[0].name, judged.who[-1].name
    verdict = against(judged.mean, first, second)
    assert verdict is against(judged.mean, second, first)
    assert verdict is not None
    assert verdict.outcome is not Outcome.NOT_SHOWN
    assert winner_of(verdict) == first
    assert against(judged.mean, first, "nobody") is None


def test_what_the_seeds_can_show(judged: Judged) -> None:
    assert reach(judged).startswith("With 20 seeds and 6 comparisons, this study shows a true difference of ")
    assert reach(Judged((), np.empty((0, 0, 0)), 0)) == ""


def test_too_few_seeds_are_said(make_results: Callable[..., Results]) -> None:
    study = _study(make_results(3, 1, 3, 20))
    assert judge(study).mean == ()
    assert any(text.startswith("Verdicts: ") for text in study.missing)


def test_one_controller_is_not_judged(make_results: Callable[..., Results]) -> None:
    study = _study(make_results(1, 1, 8, 20))
    assert judge(study).mean == ()
    assert study.missing == ["Verdicts, ranks and the matrix of pairs: they need two controllers."]


def test_runs_that_are_not_there_are_said(make_results: Callable[..., Results]) -> None:
    results = make_results(2, 1, 8, 20)
    runs = dict(results.runs)
    del runs["table-1", "random", 0]
    study = _study(Results(**{**vars(results), "runs": runs}))
    notes_on_runs(study)
    assert study.missing == ["random on table-1: 1 of 8 runs are not there."]
