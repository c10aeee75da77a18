"""The record of a run is as long as what it holds."""

from collections.abc import Callable

from nas.simulation.results import Results


def test_a_run_is_as_long_as_its_evaluations(make_results: Callable[..., Results]) -> None:
    results = make_results(2, 1, 3, 17)
    assert {len(run) for run in results.runs.values()} == {17}
    for (problem, controller, seed), run in results.runs.items():
        assert (run.problem, run.controller, run.seed) == (problem, controller, seed)
        assert run.observed.shape == run.truth.shape == run.clock.shape == (17,)
