"""Which samplers of Optuna can be made, and what is said of the others."""

import optuna
import pytest
from optuna.samplers import NSGAIISampler

from nas.controllers.backends.optuna_samplers import REFUSED, sampler_maker
from nas.errors import UsageError


def test_the_sampler_has_its_settings_and_its_seed() -> None:
    sampler = sampler_maker("NSGAIISampler", {"population_size": 7}, None)(3)
    assert isinstance(sampler, NSGAIISampler)
    assert sampler.population_size == 7


@pytest.mark.parametrize("name", REFUSED)
def test_refused_samplers_exist_and_say_why(name: str) -> None:
    assert hasattr(optuna.samplers, name)
    with pytest.raises(UsageError, match=f"^{name} cannot be a controller: "):
        sampler_maker(name, {}, None)


def test_names_and_settings_are_held_against_optuna() -> None:
    with pytest.raises(UsageError, match=r"no sampler is named 'TPESample' .*did you mean 'TPESampler'"):
        sampler_maker("TPESample", {}, None)
    with pytest.raises(UsageError, match=r"TPESampler has no setting 'multivariat' .*did you mean 'multivariate'"):
        sampler_maker("TPESampler", {"multivariat": True}, None)
    with pytest.raises(UsageError, match="the seed is not a setting"):
        sampler_maker("TPESampler", {"seed": 1}, None)
