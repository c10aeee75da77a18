"""Batches of a training, augmented on the device."""

from torch import Generator, Tensor

from nas.data.augmentation import Augment
from nas.data.augmentation.batches import Augmentation, known_of, spread
from nas.training.batch import Batch
from nas.training.workbench import Workbench


def augmentation_of(bench: Workbench, augment: Augment) -> Augmentation:
    """Augmentation as it is set, for the samples that a bench is trained on. Raises UsageError if it does not suit
    them."""
    colours = None
    if augment.coloured:
        inputs = bench.train[0]
        colours = inputs[spread(len(inputs)) if bench.rows is None else bench.rows[spread(len(bench.rows))]]
    return Augmentation(augment, bench.data.input, known_of(bench.mean, bench.std, colours, device=bench.device))


def augmented(gathered: Tensor, targets: Tensor, chosen: Tensor, augmentation: Augmentation, rng: Generator) -> Batch:
    """Some of the training samples as an augmented batch.

    Args:
        gathered: `(N, *shape)`, the inputs of the batch.
        targets: of all training samples.
        chosen: `(N,)`, the places of those of the batch.
        augmentation: how they are augmented.
        rng: of all random numbers.
    """
    changed, partners = augmentation(gathered, rng)
    if partners is None:
        return Batch(changed, targets[chosen], chosen)
    return Batch(changed, targets[chosen], chosen, targets[chosen[partners.places]], partners.shares)
