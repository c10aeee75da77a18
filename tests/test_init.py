"""The public names of the package."""

import pytest

import nas

# What people import. A name that goes is a break for them, and belongs in the changelog; so does a new one.
PUBLIC = """
    Architecture ArchwrightError Augment Bound CONTROLLERS Cached Choice Controller ControllerSampler Cost DATASETS
    Dataset EVALUATORS EvaluationFailed Evaluator FailureKind Final Finalist GPT IntegrityError Layer Limits LocalSearch
    MemoryStudy Merge Network NoValidTrial OPS Objective Op OptunaController OptunaStudy PPO Proposal QLearning
    RandomSearch Recipe RegularizedEvolution Reinforce RunConfig RunResult Samples Shape ShapeError SizeUnknown Space
    SpecError StorageError Study TABLES Table Tabular Train Trial UsageError best_trials draw export fine_tune
    from_arrays load_config load_data load_space load_table model_source parse_space read_study run search
    suggest_architecture write_report
    Architecture ArchwrightError Augment Bound CONTROLLERS Cached Choice Controller ControllerSampler Cost DATASETS DQN
    Dataset EVALUATORS EvaluationFailed Evaluator FailureKind Final Finalist IntegrityError Layer Limits LocalSearch
    MemoryStudy Merge Network NoValidTrial OPS Objective Op OptunaController OptunaStudy Proposal QLearning
    RandomSearch Recipe RegularizedEvolution RunConfig RunResult Samples Shape ShapeError SizeUnknown Space SpecError
    StorageError Study TABLES Table Tabular Train Trial UsageError best_trials draw export fine_tune from_arrays
    load_config load_data load_space load_table model_source parse_space read_study run search suggest_architecture
    write_report
    Budget Comparison Results Run StudyConfig Task TaskFacts compare load_study read_results run_one
    task_of_table task_of_training
    Explanation explain explain_study
    BayesianQ Distinct Portfolio WarmStart make_proxies
    Bananas BayesianOptimization Grid NSGA2
    ASHA Checkpoints Hyperband SuccessiveHalving winners
"""


def test_public_names() -> None:
    assert sorted(nas.__all__) == sorted(PUBLIC.split())
    assert len(nas.__all__) == len(set(nas.__all__))


def test_dir_shows_them() -> None:
    assert set(nas.__all__) <= set(dir(nas))


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"No nas attribute serach"):
        getattr(nas, "serach")  # noqa: B009  a type checker would see it


def test_version() -> None:
    assert nas.__version__.count(".") == 2
