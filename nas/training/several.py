"""Several trainings of one network: the folds of a cross-validation, or repetitions from different seeds."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nas.data.pool import Rows
from nas.errors import UsageError
from nas.files import sha256
from nas.space import Architecture
from nas.training.fit import Fitted, fit, training_key
from nas.training.recipe import Recipe
from nas.training.workbench import Workbench


@dataclass(frozen=True, eq=False)
class Member:
    """One of several trainings of a network.

    Attributes:
        seed: of the initial weights, the order of samples, dropout and augmentation.
        train: the rows of the data set's pool that it trains on; None: the training part.
        val: the rows of the pool that it is validated on; None: the validation part.
    """

    seed: int
    train: Rows | None = None
    val: Rows | None = None


def fit_several(
    bench: Workbench,
    arch: Architecture,
    recipe: Recipe,
    members: Sequence[Member],
    *,
    epochs: int | None = None,
    samples: int | None = None,
    on_epoch: Callable[[int, Mapping[str, float]], None] | None = None,
) -> tuple[Fitted, ...]:
    """Builds and trains the network of an architecture several times.

    Each member is a training of its own: its result follows from its seed, its rows and `samples`, and not from the
    other members. Its network is normalised by the statistics of its own training samples.

    Args:
        bench: the data set, device and precision.
        arch: the architecture.
        recipe: the training recipe, of each member.
        members: the trainings, one or more.
        epochs: the number of epochs after which each training is truncated; None: all epochs of the recipe.
        samples: the number of training samples that each member sees in an epoch, drawn anew for each epoch from its
            training rows; None: as many as the member with the fewest training samples has. It is the same for all, so
            that members take the same number of steps.
        on_epoch: called after each epoch of each member, with the number of epochs that were trained so far, over all
            members, and the `train_loss` and metrics of this epoch.

    Returns:
        The trained networks, in the order of `members`.

    Raises:
        EvaluationFailed, UsageError: as `fit`; the first member that fails ends the others.
    """
    if not members:
        raise UsageError("several trainings need at least one member")
    if samples is None:
        samples = min(bench.samples if one.train is None else len(one.train) for one in members)
    last = recipe.epochs if epochs is None else epochs
    fitted: list[Fitted] = []

    def told(epoch: int, measured: Mapping[str, float]) -> None:
        if on_epoch is not None:
            on_epoch(len(fitted) * last + epoch, measured)

    for member in members:
        own = bench_of(member, bench, samples)
        fitted.append(fit(own, arch, recipe, seed=member.seed, epochs=epochs, on_epoch=told))
    return tuple(fitted)


def bench_of(member: Member, bench: Workbench, samples: int | None = None) -> Workbench:
    """The bench on which a member is trained by `fit`: a view with its rows, or `bench` where that is the same.

    Args:
        member: the training.
        bench: the data set, device and precision.
        samples: the number of training samples of an epoch; None: all.
    """
    everything = samples is None or samples == len(bench.data.train)
    if member.train is None and member.val is None and everything:
        return bench
    return bench.view(train=member.train, val=member.val, samples=samples)


def several_key(
    bench: Workbench, arch: Architecture, recipe: Recipe, members: Sequence[Member], samples: int | None = None
) -> str:
    """A hash that identifies several trainings, as `training_key` identifies one."""
    parts = [
        [one.seed, *("" if rows is None else sha256(rows.tobytes()) for rows in (one.train, one.val))]
        for one in members
    ]
    return sha256(json.dumps([training_key(bench, arch, recipe, 0), parts, samples]).encode())[:32]
