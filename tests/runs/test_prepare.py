"""What a run needs, made from its file."""

from dataclasses import replace
from pathlib import Path

import pytest

from nas.controllers import LocalSearch, OptunaController, QLearning, RandomSearch, RegularizedEvolution, WarmStart
from nas.data import Augment
from nas.errors import SpecError, UsageError
from nas.evaluate.evaluation import make_data
from nas.runs.config import load_config
from nas.runs.prepare import followed as count_followed
from nas.runs.prepare import for_data, make_controller, make_space, prepare
from nas.settings import identity
from nas.space.shipped import space_file
from nas.training import Recipe
from tests.run_files import LEAST, load, problems, recipe

pytestmark = pytest.mark.usefixtures("in_a_folder")


DIGITS = Path(__file__).parents[2] / "configs" / "digits.yaml"


def test_what_a_run_needs_is_made() -> None:
    config = load(LEAST + "controller: {q_learning: {alpha: 0.5}}\nbudget: {trials: 40}\n")
    data = make_data(config)
    space = make_space(config, data)
    assert (space.name, space.input, space.output) == ("s", (1, 8, 8), (10,))
    controller = make_controller(config, space)
    assert isinstance(controller, QLearning)
    assert controller.alpha == 0.5
    # The last step of the schedule ends where the budget ends.
    assert controller.epsilon(0) == 1.0
    assert controller.epsilon(39) == 0.1
    assert isinstance(make_controller(load(LEAST + "controller: random\n"), space), RandomSearch)
    evolution = make_controller(load(LEAST + "controller: {regularized_evolution: {population: 5}}\n"), space)
    assert isinstance(evolution, RegularizedEvolution)
    with pytest.raises(UsageError, match="n_step must be 1"):
        make_controller(load(LEAST + "controller: {q_learning: {n_step: 2, td_lambda: 1}}\n"), space)


@pytest.mark.parametrize(("trials", "proposed"), [(1, 1), (2, 1), (9, 8), (14, 13), (60, 54), (100, 90)])
def test_the_controller_of_a_run_that_repeats_has_the_budget_before_that(trials: int, proposed: int) -> None:
    halves = "controller: {q_learning: {schedule: [[1, 1], [0.5, 1]]}}\n"
    config = load(LEAST + halves + f"winner: repeat\nbudget: {{trials: {trials}}}\n")
    assert config.proposing.trials == proposed
    controller = make_controller(config, make_space(config, make_data(config)))
    assert isinstance(controller, QLearning)
    assert [controller.epsilon(number) for number in range(trials)].count(1) == -(-proposed // 2)


def test_a_process_on_this_machine_is_for_the_executor_of_this_machine() -> None:
    config = load(LEAST + "executor: ray\nworkers: in_process\n")
    with pytest.raises(SpecError, match="workers: in_process is for the executor local, not for ray"):
        prepare(config)


def test_augmentation_that_does_not_suit_the_data_is_told_before_the_search() -> None:
    text = "evaluator: {train: {augment: {swap: 0.1, shift: 1}}}\nfinal: {augment: {gain: 3}}\n"
    with pytest.raises(SpecError) as refused:
        prepare(load(LEAST + text))
    assert [(one.path, one.message) for one in refused.value.problems] == [
        ("evaluator.train", "augment.swap: for tables, but the data are images"),
        ("final", "augment.gain: for sounds and series of numbers, but the data are images"),
    ]


@pytest.mark.parametrize("key", ["evaluator.train", "final"])
def test_augmentation_that_the_space_decides_is_not_set_by_a_recipe(key: str) -> None:
    layers = "[{augment: {shift: {choice: [0, 1]}}}, flatten, {linear: {units: outputs}}]"
    Path("s.yaml").write_text(f"layers: {layers}\n")
    prepare(load(LEAST, f"{key}.augment.cutout=2"))
    with pytest.raises(SpecError) as refused:
        prepare(load(LEAST, f"{key}.augment.shift=2"))
    message = (
        "augment.shift: set by the recipe, and by networks of the space: augment(shift=1); leave it to one of them"
    )
    assert [(one.path, one.message) for one in refused.value.problems] == [(key, message)]


def test_a_proxy_gets_the_data_that_it_needs() -> None:
    config = load(LEAST + "controller: {warm_start: {controller: random, proxy: snip}}\n")
    data = make_data(config)
    space = make_space(config, data)
    assert isinstance(make_controller(config, space, data=data), WarmStart)
    with pytest.raises(UsageError, match="the proxy 'snip' needs a data set"):
        make_controller(config, space)
    (found,) = problems(LEAST + "controller: {warm_start: {controller: random, proxy: synflw}}\n")
    assert found.startswith("r.yaml:3:54: controller.warm_start.proxy: a value does not fit (expected params, macs, ")


@pytest.mark.parametrize(
    ("controller", "followed"),
    [
        ("random", 1),
        ("nsga2", 3),
        ("{distinct: {controller: nsga2}}", 3),
        ("{portfolio: {controllers: [random, {optuna: {sampler: NSGAIISampler, objectives: 2}}]}}", 2),
    ],
)
def test_how_many_objectives_a_controller_reads(controller: str, followed: int) -> None:
    objectives = "objectives: {val_acc: maximize, params: minimize, macs: minimize}\n"
    assert count_followed(load(f"{LEAST}{objectives}controller: {controller}\n")) == followed
    assert count_followed(load(f"{LEAST}controller: {controller}\n")) == 1


def test_a_sampler_of_optuna_is_made() -> None:
    text = "controller: {optuna: {sampler: NSGAIISampler, settings: {population_size: 7}, objectives: 2}}\n"
    config = load(LEAST + text)
    space = make_space(config, make_data(config))
    assert isinstance(make_controller(config, space), OptunaController)
    found = identity(config)["controller"]["optuna"]
    assert found == {"sampler": "NSGAIISampler", "settings": {"population_size": 7}, "hub": None, "objectives": 2}
    assert isinstance(make_controller(load(LEAST + "controller: optuna\n"), space), OptunaController)
    wrong = load(LEAST + text, "controller.optuna.settings.popsize=3")
    with pytest.raises(UsageError, match="NSGAIISampler has no setting 'popsize'"):
        make_controller(wrong, space)
    local = make_controller(load(LEAST + "controller: {local_search: {improvement: best}}\n"), space)
    assert isinstance(local, LocalSearch)
    assert local.improvement == "best"


def test_the_space_that_suits_the_data() -> None:
    config = load(LEAST, "space=auto")
    data = make_data(config)
    assert make_space(config, data).name == "digits_cnn"
    assert for_data(config, data).space == space_file("digits_cnn")


def test_a_space_for_other_data() -> None:
    with pytest.raises(SpecError) as caught:
        prepare(load(LEAST, "space=textcnn"))
    (problem,) = caught.value.problems
    assert problem.path == "space"
    assert problem.message.startswith("textcnn is for texts, and the data are images of 1×8×8; spaces for images: ")


def test_a_recorded_data_set_stands_in_for_the_real_one() -> None:
    Path("s.yaml").write_text("layers: [flatten, {linear: {units: outputs}}]\n")
    config = load(LEAST + "recorded: {data: {shape: [3, 4, 5], outputs: [a, b]}}\n")
    space = make_space(config)
    assert (space.input, space.output) == ((3, 4, 5), (2,))
    assert make_space(replace(config, recorded={}), make_data(config)).output == (10,)
    with pytest.raises(SpecError):
        make_space(replace(config, recorded={}))


def test_the_example_runs_as_it_is_said() -> None:
    config = load_config(DIGITS)
    assert (config.name, config.budget.trials, config.controller.name) == ("digits", 60, "bayesian_q")
    assert recipe(config) == Recipe(epochs=6, batch_size=128, lr=0.01, augment=Augment(shift=1))
    space = make_space(config, make_data(config))
    assert space.name == "digits_cnn"
    make_controller(config, space)
