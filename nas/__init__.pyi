# The public names. `__init__.py` reads them from here, and loads each when it is first used.

from .by_name import search
from .comparison.compare import Comparison, compare
from .comparison.config import ComparisonConfig, load_comparison
from .comparison.folder import read_results
from .comparison.results import Results, Run, TaskFacts
from .comparison.run import Budget, run_one
from .comparison.task import Task, task_of_table, task_of_training
from .config import RunConfig, load_config
from .controllers import (
    ASHA,
    CONTROLLERS,
    DQN,
    GPT,
    NSGA2,
    PPO,
    Bananas,
    BayesianOptimization,
    BayesianQ,
    Controller,
    Distinct,
    Grid,
    Hyperband,
    LocalSearch,
    OptunaController,
    Portfolio,
    QLearning,
    RandomSearch,
    RegularizedEvolution,
    Reinforce,
    SuccessiveHalving,
    WarmStart,
)
from .data import DATASETS, Augment, Dataset, Samples, from_arrays, load_data
from .driver.controller_sampler import ControllerSampler, suggest_architecture
from .driver.optuna_study import OptunaStudy, read_study
from .driver.study import MemoryStudy, Study
from .errors import (
    ArchwrightError,
    ArgumentError,
    Damaged,
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
from .evaluate import EVALUATORS, Cached, Evaluator, Train, make_proxies
from .explanation import Explanation, explain_study
from .final.export import export
from .final.fine_tune import Final, Finalist, fine_tune
from .model import Network, model_source
from .objectives import pareto_front
from .ops import OPS, Cost, Merge, Op, Shape
from .repairs import Repaired, repair
from .run_folder import explain, write_report
from .runs import RunResult, run
from .space import Architecture, Bound, Choice, Layer, Limits, Space, load_space, parse_space
from .space.draw import draw
from .tabular import TABLES, Table, Tabular, load_table
from .training import Checkpoints, Recipe
from .trial import Objective, Proposal, Trial, best_trials
from .winner import winners

__version__: str

__all__ = [
    "ASHA",
    "CONTROLLERS",
    "DATASETS",
    "DQN",
    "EVALUATORS",
    "GPT",
    "NSGA2",
    "OPS",
    "PPO",
    "TABLES",
    "Architecture",
    "ArchwrightError",
    "ArgumentError",
    "Augment",
    "Bananas",
    "BayesianOptimization",
    "BayesianQ",
    "Bound",
    "Budget",
    "Cached",
    "Checkpoints",
    "Choice",
    "Comparison",
    "ComparisonConfig",
    "Controller",
    "ControllerSampler",
    "Cost",
    "Damaged",
    "Dataset",
    "Distinct",
    "EvaluationFailed",
    "Evaluator",
    "Explanation",
    "FailureKind",
    "Final",
    "Finalist",
    "Grid",
    "Hyperband",
    "IntegrityError",
    "Layer",
    "Limits",
    "LocalSearch",
    "MemoryStudy",
    "Merge",
    "Network",
    "NoValidTrial",
    "Objective",
    "Op",
    "OptunaController",
    "OptunaStudy",
    "Portfolio",
    "Proposal",
    "QLearning",
    "RandomSearch",
    "Recipe",
    "RegularizedEvolution",
    "Reinforce",
    "Repaired",
    "Results",
    "Run",
    "RunConfig",
    "RunResult",
    "Samples",
    "Shape",
    "ShapeError",
    "SizeUnknown",
    "Space",
    "SpecError",
    "StorageError",
    "Study",
    "SuccessiveHalving",
    "Table",
    "Tabular",
    "Task",
    "TaskFacts",
    "Train",
    "Trial",
    "UsageError",
    "WarmStart",
    "best_trials",
    "compare",
    "draw",
    "explain",
    "explain_study",
    "export",
    "fine_tune",
    "from_arrays",
    "load_comparison",
    "load_config",
    "load_data",
    "load_space",
    "load_table",
    "make_proxies",
    "model_source",
    "pareto_front",
    "parse_space",
    "read_results",
    "read_study",
    "repair",
    "run",
    "run_one",
    "search",
    "suggest_architecture",
    "task_of_table",
    "task_of_training",
    "winners",
    "write_report",
]
