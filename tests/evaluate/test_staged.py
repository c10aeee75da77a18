"""One evaluator for trials, and others beside it for the jobs of later stages."""

from functools import partial

from nas.driver.executors.executor import Job, evaluate
from nas.evaluate import Recalled
from nas.evaluate.evaluator import known_to
from nas.evaluate.staged import Staged
from nas.space import Architecture, parse_space
from nas.trial import Metrics, Proposal

ARCH = parse_space("{input: [4], layers: [{linear: {units: 2}}]}").rebuild({})


def _evaluate(arch: Architecture, *, epochs: int | None, seed: int, value: float) -> Metrics:
    return {"val_acc": value, "seed": seed}


def test_the_stage_of_a_job_says_what_evaluates_it() -> None:
    staged = Staged(Recalled(partial(_evaluate, value=0.5), []), {"later": partial(_evaluate, value=0.75)})
    assert staged(ARCH, epochs=None, seed=3) == {"val_acc": 0.5, "seed": 3}
    for stage, value in (("", 0.5), ("later", 0.75)):
        assert evaluate(staged, Job(0, Proposal(ARCH), 7, stage=stage))[0] == {"val_acc": value, "seed": 7}
    assert isinstance(known_to(staged, "evaluator"), Recalled)


class Warmed:
    """Counts how often it is warmed."""

    times = 0

    def warm(self) -> None:
        self.times += 1

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        return {"val_acc": 0.5}


def test_all_that_the_stages_need_is_imported_before_workers_are_forked() -> None:
    """An evaluator that imports nothing leaves it to the finalists otherwise, within their time limit."""
    evaluator, stage = Warmed(), Warmed()
    known_to(Staged(Recalled(evaluator, []), {"later": stage}, stage.warm), "warm")()
    known_to(Staged(partial(_evaluate, value=0.5), {"later": stage}, stage.warm), "warm")()
    assert (evaluator.times, stage.times) == (1, 2)
