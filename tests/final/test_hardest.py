"""The samples with the highest loss."""

from dataclasses import replace

import numpy as np

from nas.data import Dataset
from nas.data.shown import Picture
from nas.final.hardest import HARDEST, hardest
from nas.final.outputs import Outputs
from nas.final.predicted import predicted
from nas.space import Space
from nas.training.workbench import Workbench


def test_they_are_shown_with_their_answers(stripes: Dataset, space: Space) -> None:
    bench = Workbench(stripes, device="cpu")
    network = bench.build(next(iter(space)))
    found = predicted(Outputs(bench, network, "test"), bench.task)
    hard = hardest(bench, network, found)
    assert len(hard) == HARDEST
    losses = [one.loss for one in hard]
    assert losses == sorted(map(float, found.losses), reverse=True)[:HARDEST]
    first = hard[0]
    assert first.truth == stripes.outputs[int(found.targets[first.place])]
    best = found.predictions[first.place]
    assert first.answer == f"{stripes.outputs[int(best.argmax())]} ({100 * float(best.max()):.0f}\u00a0%)"
    assert isinstance(first.shown, Picture)
    assert (first.shown.width, first.shown.height) == (4, 4)


def test_a_loss_that_is_not_finite_is_the_highest(stripes: Dataset, space: Space) -> None:
    bench = Workbench(stripes, device="cpu")
    network = bench.build(next(iter(space)))
    found = predicted(Outputs(bench, network, "test"), bench.task)
    losses = found.losses.copy()
    losses[17] = np.inf
    hard = hardest(bench, network, replace(found, losses=losses))
    assert (hard[0].place, hard[0].loss) == (17, None)
