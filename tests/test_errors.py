"""The tree of errors: exit codes, and how problems are put into words."""

import pickle
import re

import pytest

from nas import errors
from nas.errors import (
    ArchwrightError,
    ArgumentError,
    Damaged,
    Diagnostic,
    EvaluationFailed,
    FailureKind,
    IntegrityError,
    Mark,
    MetricsError,
    NoValidTrial,
    ShapeError,
    SizeUnknown,
    SpecError,
    StorageError,
    UsageError,
    WorkersFailed,
    few,
    nearest,
)
from nas.space.language.tree import Misfit

# Scripts depend on the exit codes: a change here is a change for users, and belongs in the changelog.
EXIT_CODES = {
    ArchwrightError: 1,
    NoValidTrial: 1,
    WorkersFailed: 1,
    UsageError: 2,
    ArgumentError: 2,
    SpecError: 2,
    MetricsError: 2,
    ShapeError: 2,
    SizeUnknown: 2,
    StorageError: 3,
    IntegrityError: 4,
    Damaged: 4,
    EvaluationFailed: 1,
}


def _defined() -> set[type[ArchwrightError]]:
    values = vars(errors).values()
    return {value for value in values if isinstance(value, type) and issubclass(value, ArchwrightError)}


def test_exit_codes() -> None:
    assert {error: error.exit_code for error in _defined()} == EXIT_CODES


def test_docstring_draws_the_tree() -> None:
    assert errors.__doc__ is not None
    drawn = dict(re.findall(r"((?:[A-Z]\w+)?(?:Error|Trial|Unknown|Failed|Damaged))\s+(\d?)", errors.__doc__))
    assert drawn.keys() == {error.__name__ for error in _defined()}
    for error in _defined() - {ArchwrightError, EvaluationFailed}:
        assert drawn[error.__name__] == str(error.exit_code)


def test_mark() -> None:
    assert str(Mark("space.yaml", 3, 14)) == "space.yaml:3:14"
    assert str(Mark("<object>")) == "<object>"


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Diagnostic(Mark("f", 1, 2), "", "wrong"), "f:1:2: wrong"),
        (Diagnostic(Mark("f", 1, 2), "a.b", "wrong"), "f:1:2: a.b: wrong"),
        (Diagnostic(Mark("f", 1, 2), "", "wrong", "one"), "f:1:2: wrong (expected one)"),
        (Diagnostic(Mark("f", 1, 2), "", "wrong", "", "two"), "f:1:2: wrong (got two)"),
        (Diagnostic(Mark("f", 1, 2), "", "wrong", "one", "two"), "f:1:2: wrong (expected one, got two)"),
        (Diagnostic(Mark("f", 1, 2), "", "wrong", suggestion="x"), "f:1:2: wrong (did you mean 'x'?)"),
        (
            Diagnostic(Mark("f", 1, 2), "", "wrong", "one", "two", "x"),
            "f:1:2: wrong (expected one, got two; did you mean 'x'?)",
        ),
    ],
)
def test_problem(problem: Diagnostic, text: str) -> None:
    assert str(problem) == text


def test_problems_come_in_the_order_of_the_file() -> None:
    places = [("b", 1, 1), ("a", 10, 1), ("a", 2, 9), ("a", 2, 1)]
    error = SpecError(Diagnostic(Mark(*place), "", "wrong") for place in places)
    assert str(error) == "a:2:1: wrong\na:2:9: wrong\na:10:1: wrong\nb:1:1: wrong"
    assert [problem.mark.line for problem in error.problems] == [2, 2, 10, 1]


def test_evaluation_failed_says_its_kind() -> None:
    error = EvaluationFailed(FailureKind.OOM_CUDA, "no memory left")
    assert str(error) == "OOM_CUDA: no memory left"
    assert error.kind is FailureKind.OOM_CUDA


def test_few() -> None:
    assert few([]) == ""
    assert few(range(10)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert few(range(11)) == "0, 1, 2, 3, 4, 5, 6, 7, …, 10"
    assert few(["a" * 40, "b" * 41]) == f"{'a' * 40}, {'b' * 40}…"


def test_nearest() -> None:
    assert nearest("max_pol", ["avg_pool", "max_pool", "conv"]) == "max_pool"
    assert nearest("zebra", ["avg_pool", "max_pool", "conv"]) == ""
    assert nearest("conv", iter(["conv"])) == "conv"
    assert nearest("conv", []) == ""


@pytest.mark.parametrize(
    "error",
    [
        EvaluationFailed(FailureKind.CRASH, "it broke"),
        SpecError([Diagnostic(Mark("a.yaml", 1, 2), "layers.0", "wrong")]),
        Misfit(Mark("a.yaml", 1, 2), "layers.0", "does not fit"),
    ],
)
def test_errors_survive_the_way_from_a_worker(error: Exception) -> None:
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    assert str(copy) == str(error)
    assert copy.__dict__ == error.__dict__
