"""Settings within settings: controllers that wrap controllers."""

import pytest

from nas.controllers import Distinct, Portfolio, QLearning, RandomSearch
from nas.errors import SpecError
from nas.evaluate.evaluation import make_data
from nas.runs.prepare import make_controller, make_space
from nas.settings import identity, resolved
from tests.run_files import FIT, LEARNING, LEAST, NAMES, NESTED, ONE, PORTFOLIO, load, problems

pytestmark = pytest.mark.usefixtures("in_a_folder")


ONE_INSIDE = ONE.replace("controller", "$")

# What is wrong inside `controller: {distinct: {controller: ...}}`, its place on line 3, and the words for it.
WRONG_INSIDE: dict[str, tuple[str, list[str]]] = {
    "name": ("randon", [f"37: $: no controller is named 'randon' (expected {NAMES}; did you mean 'random'?)"]),
    "a name with settings": (
        "{randon: {}}",
        [f"38: $: no controller is named 'randon' (expected {NAMES}; did you mean 'random'?)"],
    ),
    "a setting without a name": (
        "{alpha: 1}",
        [f"38: $: no controller is named 'alpha' (expected {NAMES}; did you mean 'q_learning: {{alpha: ...}}'?)"],
    ),
    "no name": (
        "[random]",
        [f"37: $: give one controller (expected a name, or {{name: settings}}; names are {NAMES}, got a list of 1)"],
    ),
    "two": (
        "{distinct: {controller: {q_learning: {alhpa: 1, replay: x}}}}",
        [
            f"75: $.distinct.controller.q_learning: no such key: 'alhpa' (expected {LEARNING}; did you mean 'alpha'?)",
            f"93: $.distinct.controller.q_learning.replay: {FIT} (expected a valid integer, got the text 'x')",
        ],
    ),
    "what the run supplies": (
        "{q_learning: {trials: 1}}",
        [f"51: $.q_learning: no such key: 'trials' (expected {LEARNING}; did you mean 'budget.trials'?)"],
    ),
    "nothing to wrap": ("distinct", ["37: $.distinct: 'controller' is missing"]),
}


@pytest.mark.parametrize("case", WRONG_INSIDE)
def test_a_problem_inside_a_controller_is_told_with_its_place(case: str) -> None:
    given, expected = WRONG_INSIDE[case]
    inside = "controller.distinct.controller"
    found = problems(f"{LEAST}controller: {{distinct: {{controller: {given}}}}}\n")
    assert found == [f"r.yaml:3:{words}".replace("$", inside) for words in expected]


def test_controllers_wrap_controllers() -> None:
    config = load(NESTED + "budget: {trials: 40}\n")
    assert [one.name for one in config.controller.walk()] == ["distinct", "distinct", "q_learning"]
    assert [one.mark.line for one in config.controller.walk()] == [4, 7, 7]
    inner = resolved(config)["controller"]["distinct"]["controller"]["distinct"]
    assert inner["tries"] == 10
    assert inner["controller"]["q_learning"]["alpha"] == 0.1
    assert inner["controller"]["q_learning"]["replay"] == 100
    assert "trials" not in inner["controller"]["q_learning"]
    space = make_space(config, make_data(config))
    outer = make_controller(config, space)
    assert isinstance(outer, Distinct)
    assert outer.tries == 5
    assert isinstance(outer.controller, Distinct)
    learning = outer.controller.controller
    assert isinstance(learning, QLearning)
    assert (learning.space, learning.alpha, learning.epsilon(39)) == (space, 0.1, 0.1)


def test_several_controllers_in_one() -> None:
    config = load(PORTFOLIO, "controller.portfolio.controllers.1.distinct.tries=3")
    names = ["portfolio", "random", "distinct", "regularized_evolution", "q_learning"]
    assert [one.name for one in config.controller.walk()] == names
    full = resolved(config)["controller"]["portfolio"]
    assert (full["window"], full["controllers"][0]) == (500, "random")
    assert full["controllers"][1]["distinct"]["tries"] == 3
    assert full["controllers"][1]["distinct"]["controller"]["regularized_evolution"]["population"] == 20
    controller = make_controller(config, make_space(config, make_data(config)))
    assert isinstance(controller, Portfolio)
    assert [type(one) for one in controller.controllers] == [RandomSearch, Distinct, QLearning]


def test_all_that_is_wrong_with_several_controllers_is_told() -> None:
    text = LEAST + "controller: {portfolio: {controllers: %s}}\n"
    nothing = "controller.portfolio.controllers: there are no controllers (expected a list of one or more, each a name,"
    assert problems(text % "random") == [f"r.yaml:3:39: {nothing} or {{name: settings}}, got the text 'random')"]
    assert problems(text % "[]") == [f"r.yaml:3:39: {nothing} or {{name: settings}}, got a list of 0)"]
    assert problems(text % "[randm, random, {q_learning: {alhpa: 1}}]") == [
        f"r.yaml:3:40: controller.portfolio.controllers.0: no controller is named 'randm' (expected {NAMES}; "
        "did you mean 'random'?)",
        f"r.yaml:3:69: controller.portfolio.controllers.2.q_learning: no such key: 'alhpa' (expected {LEARNING}; "
        "did you mean 'alpha'?)",
    ]
    config = load(text % "[{q_learning: {schedule: []}}, random, {warm_start: {controller: random, initial: 200}}]")
    with pytest.raises(SpecError) as caught:
        make_controller(config, make_space(config, make_data(config)))
    assert list(map(str, caught.value.problems)) == [
        "r.yaml:3:41: controller.portfolio.controllers.0.q_learning: schedule needs a share above 0, got []",
        "r.yaml:3:79: controller.portfolio.controllers.2.warm_start: initial must be at most candidates, got 200 and "
        "100",
    ]


def test_the_identity_holds_settings_at_any_depth_and_no_budget() -> None:
    before = identity(load(NESTED))
    assert identity(load(NESTED, "controller.distinct.tries=6")) != before
    assert identity(load(NESTED, "controller.distinct.controller.distinct.controller.q_learning.alpha=0.5")) != before
    assert identity(load(NESTED, "budget.trials=5", "winner=repeat")) == before
    assert "hardware" not in before
    assert identity(load(NESTED, "hardware.batch=32")) == before, "its default"
    assert identity(load(NESTED, "hardware.batch=8"))["hardware"]["batch"] == 8


def test_a_controller_inside_that_cannot_be_had_is_told_with_its_place() -> None:
    config = load(LEAST + "controller: {distinct: {controller: {q_learning: {n_step: 2, td_lambda: 1}}}}\n")
    with pytest.raises(SpecError) as caught:
        make_controller(config, make_space(config, make_data(config)))
    assert str(caught.value) == (
        "r.yaml:3:38: controller.distinct.controller.q_learning: n_step must be 1 where td_lambda is above 0, "
        "got 2 and 1.0"
    )
