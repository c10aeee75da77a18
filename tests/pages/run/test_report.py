import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from nas.final.figures import final_metrics, searched_metrics
from nas.final.on_test import OnTest
from nas.pages.figure import COLOURS
from nas.pages.run import FinalRow, RunSummary, report_html
from nas.space.drawing.draw import draw
from nas.trial import Objective, Trial
from tests.pages.page import check

MakeRun = Callable[..., RunSummary]
MakeTrial = Callable[..., Trial]

NASTY = "<script>alert('x')</script>" + "long" * 60


@pytest.fixture
def full(make_run: MakeRun, trials: list[Trial], finalists: list[FinalRow]) -> RunSummary:
    return make_run(trials=trials, finalists=finalists)


def test_a_finished_run(full: RunSummary) -> None:
    html = report_html(full)
    page = check(html)
    assert full.chosen is not None
    arch = full.chosen.architecture
    assert (
        f"With {arch.params:,} parameters, the selected network classifies 98.61 % of 360 test samples correctly."
        in page.text
    )
    assert "95 % interval 96.79 to 99.41 % over samples (n = 360)" in page.text
    assert page.headings == [
        "The search",
        "Learning curves",
        "Finalists",
        "The best networks of the search",
        "The selected network",
        "Decisions",
        "Causes of failure",
        "Configuration",
        "Reproducing the search",
    ]
    assert arch.id in page.text
    assert draw(arch) in html
    assert all(name in page.text for name in arch.names)
    assert "16×8×8" in page.text
    assert "NONFINITE" in page.text
    assert "optimizer.learning_rate 0.003" in page.text
    assert "seed 7" in page.text
    assert "2.11.0" in page.text


def test_how_data_were_read(make_run: MakeRun) -> None:
    page = check(report_html(make_run(notes=["d.csv is read as `table`", "3 rows are left out"])))
    assert "note d.csv is read as `table` note 3 rows are left out" in page.text


def test_settings_of_controllers_inside_a_controller_are_shown(make_run: MakeRun) -> None:
    inside = {"controllers": ["random", {"distinct": {"controller": {"q_learning": {"alpha": 0.1}}}}], "window": 500}
    page = check(report_html(make_run(controller="portfolio", controller_settings=inside)))
    for words in ("controllers.0 random", "controllers.1.distinct.controller.q_learning.alpha 0.1", "window 500"):
        assert words in page.text


def test_test_data_are_shown_for_the_chosen_network_alone(full: RunSummary) -> None:
    html = report_html(full)
    assert html.count("0.0712") == 1
    assert "98.61" not in html.replace("98.61", "", 3)


def test_same_summary_same_bytes(full: RunSummary) -> None:
    assert report_html(full) == report_html(full)


def test_everything_is_escaped(make_run: MakeRun, make_trial: MakeTrial, trials: list[Trial]) -> None:
    run = make_run(
        name=NASTY,
        space=NASTY,
        data=NASTY,
        controller=NASTY,
        controller_settings={NASTY: NASTY},
        evaluator_settings={NASTY: {NASTY: [NASTY]}},
        device=NASTY,
        versions={NASTY: NASTY},
        objectives=(Objective(NASTY),),
        trials=[
            make_trial(0, metrics={NASTY: 0.9, f"{NASTY}_curve": (0.1, 0.9)}),
            make_trial(1, error=f"CRASH: {NASTY}"),
            make_trial(2, error=NASTY),
        ],
    )
    html = report_html(run)
    page = check(html)
    assert "<script" not in html
    assert "alert('x')" in page.text
    assert "script" not in page.tags


def test_no_trials(make_run: MakeRun) -> None:
    page = check(report_html(make_run()))
    assert "No trial has finished yet." in page.text
    assert page.headings == ["The search", "Configuration", "Reproducing the search"]
    assert "svg" not in page.tags


def test_one_trial(make_run: MakeRun, make_trial: MakeTrial) -> None:
    page = check(report_html(make_run(trials=[make_trial(0, score=0.5)], budget=1)))
    assert "The best network found reaches val_acc 50.00 %" in page.text
    assert "1 network, 0 failed" in page.text
    assert "Decisions" not in page.headings
    assert "Learning curves" not in page.headings


def test_a_run_that_goes_on(make_run: MakeRun, trials: list[Trial]) -> None:
    page = check(report_html(make_run(trials=trials[:10], budget=40)))
    assert "The best network so far reaches" in page.text
    assert "10 of 40" in page.text
    assert "The best network so far" in page.headings


def test_a_run_that_tried_everything(make_run: MakeRun, trials: list[Trial]) -> None:
    page = check(report_html(make_run(trials=trials[:10], budget=40, all_tried=True)))
    assert "The best network found reaches" in page.text
    assert "the whole space" in page.text


def test_a_run_that_ended_before_its_number_of_trials(make_run: MakeRun, trials: list[Trial]) -> None:
    page = check(report_html(make_run(trials=trials[:10], ended="the budget is 3 minutes", limits={"minutes": 3})))
    assert "The best network found reaches" in page.text
    assert "10 of 40" in page.text
    assert "minutes 3 ended because the budget is 3 minutes" in " ".join(page.text.split())
    page = check(report_html(make_run(trials=trials[:10], budget=None, limits={"minutes": 3.0})))
    assert "The best network so far reaches" in page.text
    assert "with the same run file: seed 7." in page.text


def test_a_minimised_objective(make_run: MakeRun, make_trial: MakeTrial) -> None:
    trials = [
        make_trial(n, score=-loss, metrics={"val_loss": loss}) for n, loss in enumerate((0.5, 0.25, 0.75, 0.3, 0.6))
    ]
    page = check(report_html(make_run(trials=trials, objectives=(Objective("val_loss", "minimize", limit=2.0),))))
    assert "reaches val_loss 0.2500" in page.text
    assert "-0.2" not in page.text
    assert "minimize, limit 2" in page.text


def test_finalists_before_one_is_chosen(make_run: MakeRun, trials: list[Trial], finalists: list[FinalRow]) -> None:
    rows = [replace(row, chosen=False, tested=None) for row in finalists]
    page = check(report_html(make_run(trials=trials, finalists=rows)))
    assert "The best network found reaches val_acc" in page.text
    assert "Test accuracy" not in page.text


def test_chosen_without_test_data(make_run: MakeRun, trials: list[Trial], finalists: list[FinalRow]) -> None:
    rows = [replace(row, tested=None, curves={}) for row in finalists]
    page = check(report_html(make_run(trials=trials, finalists=rows, test_size=None)))
    assert "The selected network reaches val_acc 97.00 %" in page.text
    networks = len({trial.architecture.id for trial in trials})
    assert f"validation data, on which this network was selected among {networks} networks. There are no" in page.text
    assert "test_acc" not in page.text
    assert "are used once" not in page.text
    assert "There are no test data: all val_ metrics" in page.text


def test_figures_say_on_what_data_they_were_measured(full: RunSummary, make_run: MakeRun, trials: list[Trial]) -> None:
    page = check(report_html(full))
    assert "The test data were used once, for this network only, after it had been selected." in page.text
    assert "The test data are used once, after the selection." in page.text
    assert "97.00 % after the final training, on the data used for selection" in page.text
    page = check(report_html(make_run(trials=trials, budget=80)))
    assert "Measured on the validation data, on which it was selected among" in page.text


def test_a_run_without_a_data_set(make_run: MakeRun, trials: list[Trial]) -> None:
    sizes = dict.fromkeys(("data", "train_size", "val_size", "test_size", "task", "space_size"))
    page = check(report_html(make_run(trials=trials, **sizes)))
    assert "Data name none samples –" in page.text
    assert "architectures unknown" in page.text


@pytest.fixture
def several(make_run: MakeRun, make_trial: MakeTrial) -> RunSummary:
    """Five trials on two objectives, of which 1, 3 and 0 make the front; the first two of them were trained in full."""
    objectives = (Objective("val_acc"), Objective("latency_ms", "minimize", limit=9.0))
    scores = [(0.5, -1.0), (0.9, -5.0), (0.8, -5.0), (0.7, -3.0), (0.4, -4.0)]
    trials = [
        make_trial(number, score=pair, metrics={"val_acc": pair[0], "latency_ms": -pair[1], "val_loss": 1 - pair[0]})
        for number, pair in enumerate(scores)
    ]
    rows = []
    for number, reached in ((1, 0.95), (3, 0.97)):
        curves = {"val_acc": (0.5, reached), "val_loss": (0.7, 0.2), "train_loss": (0.9, 0.1)}
        searched, metrics = (
            searched_metrics(trials[number], objectives),
            final_metrics(trials[number], curves, objectives),
        )
        tested = OnTest({"test_acc": 0.9, "test_loss": 0.3}) if number == 3 else None
        arch = trials[number].architecture
        rows.append(FinalRow(arch, number, searched, metrics, curves, 2.0, chosen=number == 3, tested=tested))
    return make_run(trials=trials, objectives=objectives, finalists=rows, budget=5)


def test_several_objectives(several: RunSummary) -> None:
    page = check(report_html(several))
    assert (
        "parameters and latency_ms 3.0000, the selected network classifies 90.00 % of 360 test samples correctly"
        in page.text
    )
    assert "Pareto front 3 non-dominated networks" in page.text
    assert (
        "Objectives: the highest val_acc, the lowest latency_ms (at most 9). The controller, random, uses only val_acc."
        in page.text
    )
    assert "val_acc and latency_ms Each trial; the line is the Pareto front." in page.text
    assert (
        "The first networks of the Pareto front, trained in full from scratch. The one with the highest val_acc within"
        in page.text
    )
    finals = (
        "Trial Network val_acc in search val_acc latency_ms in search val_loss test_acc test_loss Params MACs Epochs"
    )
    assert finals in page.text
    assert "The Pareto front" in page.headings
    assert "The best networks of the search" not in page.headings
    front = page.text[page.text.index("3 non-dominated networks, ordered by val_acc") :]
    assert "Rank Trial Network val_acc latency_ms Params MACs Time Decisions" in front
    ids = [trial.architecture.id for trial in several.trials]
    places = [front.index(ids[number]) for number in (1, 3, 0)]
    assert places == sorted(places)
    assert "used by the controller val_acc" in page.text
    assert "used by the controller" not in check(report_html(replace(several, followed=2))).text


def test_three_objectives_are_shown_against_the_first(several: RunSummary) -> None:
    objectives = (*several.objectives, Objective("val_loss", "minimize"))
    trials = [replace(one, scores=(*(one.scores or ()), (one.score or 0.0) - 1)) for one in several.trials]
    page = check(report_html(replace(several, objectives=objectives, compared=objectives, trials=trials)))
    for metric in ("latency_ms", "val_loss"):
        assert f"val_acc and {metric} Each trial; green marks the Pareto front." in page.text


def test_a_finalist_over_a_limit_is_told(several: RunSummary) -> None:
    failures = {several.finalists[0].architecture.id: "OVER_LIMIT: latency_ms is 10, the limit is 9"}
    page = check(report_html(replace(several, final_failures=failures)))
    assert f"Cannot be selected: {several.finalists[0].architecture.id} OVER_LIMIT: latency_ms is 10" in page.text
    assert "within the limits after this training is selected" in page.text
    page = check(report_html(replace(several, finalists=(), final_failures=failures)))
    assert f"Finalists Cannot be selected: {several.finalists[0].architecture.id} OVER_LIMIT: latency" in page.text


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        (
            "val_loss",
            "parameters and val_loss 0.1000, the selected network classifies 98.61 % of 360 test samples correctly",
        ),
        ("params", "parameters, the selected network classifies 98.61 % of 360 test samples correctly"),
    ],
)
def test_one_other_objective(metric: str, words: str, full: RunSummary) -> None:
    objectives = (Objective(metric, "minimize"),)
    trials = [
        replace(one, scores=(-(one.metrics.get(metric) or one.architecture.params),) if one.scores else None)  # type: ignore[operator]
        for one in full.trials
    ]
    page = check(report_html(replace(full, objectives=objectives, compared=objectives, trials=trials)))
    assert words in page.text
    assert f"The one with the lowest {metric} after this training is selected" in page.text
    assert ("on the data used for selection" in page.text) == (metric == "val_loss")
    assert "Size and quality" in page.text


def test_the_page_defines_every_colour_for_light_and_dark(full: RunSummary) -> None:
    html = report_html(full)
    style = html[: html.index("</style>")]
    light, dark = style.split("@media (prefers-color-scheme: dark)")
    for role, colour in COLOURS.items():
        assert f"--{role}: {colour};" in light
        assert f"--{role}: #" in dark


def test_importing_the_report_is_light() -> None:
    code = "import sys, nas.pages.run; print([m for m in ('matplotlib', 'jinja2', 'torch') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert found.stdout.strip() == "[]"
