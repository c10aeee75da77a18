"""What is remembered of a search, and what it answers."""

from nas.driver.memory import Memory, answer_of
from nas.space import parse_space
from nas.trial import Proposal, Trial

SPACE = parse_space("{input: [4], layers: [{linear: {units: {choice: [1, 2]}}}]}")


def trial(number: int, proposal: Proposal, *, error: str | None = None) -> Trial:
    metrics = {} if error else {"val_acc": 0.5, "params": 5.0, "seconds": 9.0}
    return Trial(number, proposal, number, metrics, None if error else (0.5,), 9.0, error, number)


def test_the_first_that_did_not_fail_answers() -> None:
    first, second = SPACE
    memory = Memory(lambda proposal: (proposal.architecture.id, proposal.epochs))
    assert memory.recall(Proposal(first)) is None
    for one in (
        trial(0, Proposal(first), error="CRASH: it"),
        trial(1, Proposal(first)),
        trial(2, Proposal(first)),
        trial(3, Proposal(first, 2)),
    ):
        memory.tell(one)
    assert memory.recall(Proposal(first)) == trial(1, Proposal(first))
    assert memory.recall(Proposal(first, 2)) == trial(3, Proposal(first, 2))
    assert memory.recall(Proposal(first, 1)) is memory.recall(Proposal(second)) is None


def test_costs_are_those_of_the_architecture() -> None:
    first, second = SPACE
    known = trial(1, Proposal(first))
    assert answer_of(known, second) == {"val_acc": 0.5, "params": float(second.params), "seconds": 0.0}
    assert known.metrics["seconds"] == 9.0
