"""Random search is uniform and learns nothing."""

import numpy as np
from scipy import stats

from nas.controllers import RandomSearch
from nas.driver.search import search
from nas.space import parse_space
from nas.testing import MatchEvaluator
from nas.trial import Proposal, Trial

TEXT = """
input: [4]
layers: [{repeat: {choice: [1, 2]}, of: [{linear: {units: {choice: [1, 2]}}}]}, {choice: [relu, gelu]}]
"""


def test_proposals_are_uniform() -> None:
    # The seed is fixed; a change of the generator fails this with a chance of 1 in 10,000.
    space = parse_space(TEXT)
    counts = {arch.choices: 0 for arch in space}
    study = search(RandomSearch(space), MatchEvaluator(next(iter(space))), trials=600)
    for trial in study:
        counts[trial.architecture.choices] += 1
    assert stats.chisquare(list(counts.values())).pvalue > 1e-4


def test_nothing_is_learned() -> None:
    space = parse_space(TEXT)
    controller = RandomSearch(space)
    before = controller.ask(np.random.default_rng(7))
    controller.tell(Trial(0, Proposal(next(iter(space))), 0, {"val_acc": 1.0}, (1.0,), 1.0, None, 0))
    assert controller.ask(np.random.default_rng(7)) == before
