"""Archwright: neural architecture search for PyTorch.

    import nas

    data = nas.load_data("digits")
    space = nas.load_space("search_spaces/digits_cnn.yaml", data=data)
    study = nas.search(nas.QLearning(space, trials=30), nas.Train(data), trials=30, seed=0)
    final = nas.fine_tune(study, data, seed=0)
    nas.export(final, "my_network")

The names below are the public ones. Each is loaded when it is first used, so that `import nas` loads neither torch nor
optuna.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nas.config import RunConfig, load_config
    from nas.controllers import CONTROLLERS, Controller, QLearning, RandomSearch, RegularizedEvolution
    from nas.data import DATASETS, Augment, Dataset, Samples, from_arrays, load_data
    from nas.errors import (
        ArchwrightError,
        EvaluationFailed,
        FailureKind,
        IntegrityError,
        NoValidTrial,
        ShapeError,
        SizeUnknown,
        SpecError,
        StorageError,
        UsageError,
    )
    from nas.evaluate import EVALUATORS, Cached, Evaluator, Recipe, Train
    from nas.final.export import export
    from nas.final.fine_tune import Final, Finalist, fine_tune
    from nas.model import Network, model_source
    from nas.ops import OPS, Cost, Merge, Op, Shape
    from nas.run import RunResult, run, write_report
    from nas.search.loop import search
    from nas.search.optuna_study import OptunaStudy, read_study
    from nas.search.study import MemoryStudy, Study
    from nas.space import Architecture, Bound, Choice, Layer, Limits, Space, load_space, parse_space
    from nas.trial import Objective, Proposal, Trial, best_trials

__version__ = "0.1.0"

_HOMES = {
    "nas.config": ("RunConfig", "load_config"),
    "nas.controllers": ("CONTROLLERS", "Controller", "QLearning", "RandomSearch", "RegularizedEvolution"),
    "nas.data": ("DATASETS", "Augment", "Dataset", "Samples", "from_arrays", "load_data"),
    "nas.errors": (
        "ArchwrightError",
        "EvaluationFailed",
        "FailureKind",
        "IntegrityError",
        "NoValidTrial",
        "ShapeError",
        "SizeUnknown",
        "SpecError",
        "StorageError",
        "UsageError",
    ),
    "nas.evaluate": ("EVALUATORS", "Cached", "Evaluator", "Recipe", "Train"),
    "nas.final.export": ("export",),
    "nas.final.fine_tune": ("Final", "Finalist", "fine_tune"),
    "nas.model": ("Network", "model_source"),
    "nas.ops": ("OPS", "Cost", "Merge", "Op", "Shape"),
    "nas.run": ("RunResult", "run", "write_report"),
    "nas.search.loop": ("search",),
    "nas.search.optuna_study": ("OptunaStudy", "read_study"),
    "nas.search.study": ("MemoryStudy", "Study"),
    "nas.space": ("Architecture", "Bound", "Choice", "Layer", "Limits", "Space", "load_space", "parse_space"),
    "nas.trial": ("Objective", "Proposal", "Trial", "best_trials"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [  # noqa: PLE0604  made of the table, so that the two cannot differ
    *sorted(_HOME_OF)
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'nas' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
