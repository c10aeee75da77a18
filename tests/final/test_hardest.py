"""The samples with the highest loss."""

from dataclasses import replace

import numpy as np

from nas.data import Dataset, from_arrays
from nas.data.input_spec import InputSpec
from nas.data.shown import Picture, Words
from nas.final.hardest import HARDEST, NEAREST, hardest
from nas.final.outputs import Outputs
from nas.final.predicted import predicted
from nas.space import Space, parse_space
from nas.training.workbench import Workbench
from tests.data.shown.test_display import Given


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


def test_they_come_with_what_counts_in_them_and_with_training_samples(stripes: Dataset, space: Space) -> None:
    bench = Workbench(stripes, device="cpu")
    network = bench.build(next(iter(space)))
    found = predicted(Outputs(bench, network, "test"), bench.task)
    for one in hardest(bench, network, replace(found, inputs=stripes.train.inputs)):
        assert one.saliency is not None
        assert (one.saliency.width, one.saliency.height) == (4, 4)
        assert len(one.near) == NEAREST
        assert (one.near[0].name, one.near[0].similarity) == (stripes.name_of("train", one.place), 1.0)
        assert one.near[0].truth == stripes.outputs[int(stripes.train.targets[one.place])]
        assert one.near[0].shown == one.shown


def test_texts_have_words_and_near_ones_but_no_picture() -> None:
    """A network that ends in no linear layer finds none alike."""
    tokens = np.random.default_rng(0).integers(1, 9, size=(40, 6)).astype(np.float32)
    data = replace(from_arrays(tokens, np.arange(40) % 2), preparation=Given(InputSpec("text", (6,), tokens=9)))
    bench = Workbench(data, device="cpu")
    for layers, count in (("flatten, {linear: {units: outputs}}", NEAREST), ("global_avg_pool", 0)):
        space = parse_space(
            f"{{input: [6], outputs: 2, layers: [{{embedding: {{vocabulary: 9, width: 2}}}}, {layers}]}}"
        )
        network = bench.build(space.rebuild({}))
        found = hardest(bench, network, predicted(Outputs(bench, network, "val"), bench.task))
        assert all(isinstance(one.shown, Words) and one.saliency is None for one in found)
        assert {len(one.near) for one in found} == {count}
