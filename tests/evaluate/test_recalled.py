"""What was measured before the log was damaged is answered again, and nothing else."""

from nas.evaluate import Recalled
from nas.evaluate.recalled import Measured
from nas.space import Architecture, parse_space
from nas.trial import Metrics

SPACE = parse_space("{input: [4], layers: [{linear: {units: {choice: [2, 3]}}}]}")


def _evaluate(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
    return {"val_acc": 0.25}


def test_only_the_same_evaluation_is_recalled() -> None:
    known, other = SPACE
    recalled = Recalled(_evaluate, [Measured(dict(known.choices), 3, 7, {"val_acc": 0.75})])
    assert recalled(known, epochs=3, seed=7) == {"val_acc": 0.75}
    for arch, epochs, seed in ((other, 3, 7), (known, None, 7), (known, 4, 7), (known, 3, 8)):
        assert recalled(arch, epochs=epochs, seed=seed) == {"val_acc": 0.25}
