"""The sections of the page: which plots they have, and the medians of reaching the optimum."""

from collections.abc import Callable

import numpy as np

from nas.comparison.judged import Options, Study, judge
from nas.comparison.measures import measure
from nas.comparison.results import Results
from nas.comparison.sections import near_section, overall_section, task_section
from nas.comparison.survival import survival, until_within


def _study(results: Results, **options: float) -> Study:
    return Study(results, measure(results), Options(**options), np.random.default_rng(0))  # type: ignore[arg-type]


def test_plots_of_a_task_and_over_all(make_results: Callable[..., Results]) -> None:
    study = _study(make_results(3, 2, 8, 30))
    judged = judge(study)
    task_section(study, judged, 0)
    overall_section(study, judged)
    names = [picture.name for picture in study.pictures]
    assert len(names) == len(set(names))
    assert {"ranks", "matrix", "iqm"} <= set(names)
    assert sum(name.startswith("1-table-1-") for name in names) == 4
    assert study.missing == []


def test_medians_are_those_of_the_survival_curve(make_results: Callable[..., Results]) -> None:
    study = _study(make_results(2, 1, 8, 40), delta=2.0)
    (block,) = near_section(study)["blocks"]
    task = study.results.tasks[0]
    for who, row in zip(study.who, block["rows"], strict=True):
        curve = survival(*until_within([track.incumbent for track in study.tracks(task, who)], 2.0))
        cell = row["cells"][0]  # the largest distance comes first
        assert cell.startswith("not reached" if curve.median is None else f"{curve.median:.0f} (")


def test_without_truth_there_is_no_optimum_to_be_near(make_results: Callable[..., Results]) -> None:
    study = _study(make_results(2, 1, 8, 20, known=False))
    assert near_section(study)["blocks"] == []
    assert study.missing == ["table-1, evaluations until near the optimum: there is no regret in percent."]
