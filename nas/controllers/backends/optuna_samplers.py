"""The samplers of Optuna and OptunaHub by name."""

import importlib
import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler

from nas.errors import UsageError, nearest

MakeSampler = Callable[[int], BaseSampler]

REFUSED: Mapping[str, str] = {
    "CmaEsSampler": "it models numbers, and decisions are categories: it would sample at random",
    "GridSampler": "it marks the point of its grid in each trial as it asks for it; BruteForceSampler tries everything",
    "QMCSampler": "it counts its proposals in the study as it makes them",
}
"""Samplers of Optuna that cannot work here, and why."""


def sampler_maker(name: str, settings: Mapping[str, Any], hub: str | None) -> MakeSampler:
    """A function from a seed to a sampler of this name.

    Raises:
        UsageError: there is no such sampler, it cannot be used here, or it does not take the settings.
    """
    if hub is None:
        cls: Callable[..., BaseSampler] = _find(name, optuna.samplers, "optuna.samplers")
    else:
        try:
            optunahub = importlib.import_module("optunahub")
        except ImportError as error:
            raise UsageError(f"hub: {hub}: samplers of OptunaHub need the package optunahub: {error}") from error
        try:
            package = optunahub.load_module(hub)
        except (ImportError, OSError) as error:
            raise UsageError(f"hub: {hub} cannot be loaded: {error}") from error
        cls = _find(name, package, f"the package {hub} of OptunaHub")
    if hub is None and name in REFUSED:
        raise UsageError(f"{name} cannot be a controller: {REFUSED[name]}")
    parameters = inspect.signature(cls).parameters
    if "seed" not in parameters:
        raise UsageError(
            f"{name} cannot be a controller: it takes no seed, so that its proposals could not be repeated"
        )
    if "seed" in settings:
        raise UsageError(f"{name}: the seed is not a setting: it is derived from that of the run")
    known = [key for key in parameters if key != "seed"]
    if not any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
        for key in settings:
            if key not in known:
                guess = nearest(key, known)
                hint = f"; did you mean {guess!r}?" if guess else ""
                raise UsageError(f"{name} has no setting {key!r} (expected {', '.join(known)}{hint})")
    # Conditional decisions are common here, so a warning for each would flood the log.
    aside = parameters.get("warn_independent_sampling")
    quiet = {"warn_independent_sampling": False} if aside is not None and aside.default is True else {}

    def make(seed: int) -> BaseSampler:
        return cls(**{**quiet, **settings}, seed=seed)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            make(0)
    except (TypeError, ValueError, ImportError) as error:
        raise UsageError(f"{name} does not take these settings: {error}") from error
    return make


def _find(name: str, module: Any, where: str) -> type[BaseSampler]:
    found = {
        key: value
        for key, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, BaseSampler) and not inspect.isabstract(value)
    }
    if name not in found:
        usable = sorted(key for key in found if module is not optuna.samplers or _usable(key, found[key]))
        guess = nearest(name, usable)
        hint = f"; did you mean {guess!r}?" if guess else ""
        raise UsageError(f"no sampler is named {name!r} in {where} (expected {', '.join(usable)}{hint})")
    return found[name]


def _usable(name: str, cls: type[BaseSampler]) -> bool:
    return name not in REFUSED and "seed" in inspect.signature(cls).parameters
