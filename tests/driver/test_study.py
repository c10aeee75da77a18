"""The study in memory."""

import numpy as np

from nas.driver.study import MemoryStudy, Study
from nas.space import parse_space
from nas.trial import Proposal, Trial

SPACE = parse_space("{input: [4], outputs: 2, layers: [linear: {units: {choice: [1, 2]}}, linear: {units: outputs}]}")


def test_memory_study_keeps_trials_in_order() -> None:
    study: Study = MemoryStudy()
    assert len(study) == 0
    assert list(study) == []
    arch = SPACE.sample(np.random.default_rng(0))
    trials = [Trial(n, Proposal(arch), n, {"val_acc": 0.5}, (0.5,), 1.0, None, n) for n in range(3)]
    for trial in trials:
        study.append(trial)
    assert len(study) == 3
    assert repr(study) == "<MemoryStudy, trials: 3>"
    assert list(study) == trials
    assert list(study) == trials
