"""The public names of the package."""

import ast
from pathlib import Path

import pytest

import nas

# What people import. A name that goes is a break for them, and belongs in the changelog; so does a new one.
PUBLIC = """
    ASHA Architecture ArchwrightError ArgumentError Augment Bananas BayesianOptimization BayesianQ Bound Budget
    CONTROLLERS Checkpoints Choice Comparison ComparisonConfig Controller ControllerSampler Cost CrossValidation
    DATASETS DQN EXECUTORS Local Ray Damaged Dataset Distinct EVALUATORS EarlyStopping EvaluationFailed EvaluationLimits
    Evaluator Explanation Exported FORMATS FailureKind Final Finalist GPT Grid Hardware Hyperband IntegrityError Layer
    Limits LocalSearch RECIPES
    MemoryStudy Merge NSGA2 Network NoValidTrial OPS Objective OnHardware Op OperatorTable OptunaController
    OptunaStudy PPO Portfolio Predictions Proposal ProxyComparison QLearning RandomSearch Recipe RegularizedEvolution
    Reinforce Repaired Results Run RunConfig RunResult Samples SearchBudget Shape ShapeError SizeUnknown Space SpecError
    StorageError Study SuccessiveHalving TABLES Table Tabular Problem ProblemFacts Train Trial ZeroCost UsageError
    WarmStart WorkersFailed best_trials compare compare_proxies draw explain explain_study export export_run fine_tune
    from_arrays from_dataset from_images from_sounds load_config load_data load_space load_comparison load_table
    make_proxies measure_hardware
    Tokenizing from_table from_texts DataSummary summarize_data
    measure_operators model_source pareto_front parse_space read_operators read_results read_study repair run run_one
    predict search suggest_architecture problem_of_table problem_of_training winners write_report
    PredictionStream decrypt_export predict_batches
    Column Diagnosed LayerSimilarity Neighbours Tree diagnose fit_tree input_gradients integrated_gradients
    layer_similarity nearest_neighbours token_gradients
    Transferred extract transfer
    Distill Inverted Noise Distilled distill invert
    Exposure Membership infer_membership PrivateStudent distill_privately
"""


def test_public_names() -> None:
    assert sorted(dir(nas)) == sorted(PUBLIC.split())


def test_every_controller_is_public() -> None:
    assert {getattr(controller, "__name__", "") for controller in nas.CONTROLLERS.values()} <= set(dir(nas))


def test_type_checkers_see_the_same_names() -> None:
    """A name that a stub imports is public if it is imported `as` itself (PEP 484)."""
    stub = Path(nas.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    names = [name for node in ast.walk(ast.parse(stub)) if isinstance(node, ast.ImportFrom) for name in node.names]
    assert sorted(name.asname for name in names if name.asname == name.name) == sorted(PUBLIC.split())


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"No nas attribute serach"):
        getattr(nas, "serach")  # noqa: B009  a type checker would see it


def test_version() -> None:
    assert nas.__version__.count(".") == 2
