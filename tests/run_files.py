"""Run files that tests write, and what is told of them."""

from pathlib import Path

import pytest

from nas.controllers import CONTROLLERS
from nas.errors import SpecError
from nas.evaluate import EVALUATORS
from nas.runs.config import RunConfig, load_config
from nas.settings.signature import gathered, keys_of
from nas.training import Recipe

SPACE = "input: [1, 8, 8]\noutputs: 10\nlayers: [flatten, {linear: {units: outputs}}]\n"
LEAST = "space: s.yaml\ndata: digits\n"
NESTED = f"""{LEAST}\
controller:
  distinct:
    tries: 5
    controller:
      distinct: {{controller: {{q_learning: {{alpha: 0.1}}}}}}
"""
PORTFOLIO = f"""{LEAST}\
controller:
  portfolio:
    controllers:
      - random
      - distinct: {{controller: {{regularized_evolution: {{population: 20}}}}}}
      - q_learning: {{alpha: 0.1}}
"""

# Words of messages.
FIT = "a value does not fit"
NAMES = ", ".join(CONTROLLERS)
TOP = ", ".join([*keys_of(RunConfig)][:-1])
RECIPE = ", ".join(keys_of(Recipe))
SETTINGS = ", ".join(keys_of(EVALUATORS["train"], EVALUATORS.supplied))
LEARNING = "alpha, gamma, initial_q, replay, memory, td_lambda, n_step, double, repeats, schedule"
ONE = f"controller: give one controller (expected a name, or {{name: settings}}; names are {NAMES}"


def load(text: str, *overrides: str, name: str = "r.yaml") -> RunConfig:
    """The run file of this text."""
    Path(name).write_text(text, encoding="utf-8")
    return load_config(name, overrides)


def problems(text: str, *overrides: str) -> list[str]:
    """What is wrong with it, a line each."""
    with pytest.raises(SpecError) as caught:
        load(text, *overrides)
    assert caught.value.exit_code == 2
    return str(caught.value).splitlines()


def recipe(config: RunConfig) -> Recipe:
    """How its evaluator trains."""
    given = gathered(config.evaluator.factory, config.evaluator.arguments)
    found: Recipe = given.get("recipe", Recipe())
    return found
