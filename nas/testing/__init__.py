"""Contract checks and fakes for people who write their own op, controller or evaluator.

A check raises AssertionError with what was expected and what came. Call it from a test of your own:

    def test_my_controller() -> None:
        check_controller(lambda: MyController(space), space)

The fakes are evaluators that cost nothing: `MatchEvaluator` is a problem with a known optimum, `FailingEvaluator` makes
another evaluator fail at some seeds.
"""

from nas.testing.controllers import check_controller
from nas.testing.evaluators import check_evaluator
from nas.testing.fakes import FailingEvaluator, MatchEvaluator
from nas.testing.ops import check_op

__all__ = ["FailingEvaluator", "MatchEvaluator", "check_controller", "check_evaluator", "check_op"]
