"""Several trainings of one network: the folds of a cross-validation, or repetitions from different seeds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nas.containment import survivable
from nas.data.pool import Rows
from nas.errors import EvaluationFailed, FailureKind, UsageError
from nas.files import sha256
from nas.space import Architecture
from nas.training.checkpoints import Checkpoints
from nas.training.fit import Fitted, OnEpoch, checked_length, each_once, fit, training_key
from nas.training.packed.fit import fit_packed
from nas.training.packed.network import unpackable
from nas.training.packed.worthwhile import group_sizes, suits
from nas.training.recipe import Recipe
from nas.training.seeding import seeded
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
    packed: bool = True,
    checkpoints: Checkpoints | None = None,
    on_epoch: OnEpoch | None = None,
) -> tuple[Fitted, ...]:
    """Builds and trains the network of an architecture several times.

    Each member is a training of its own, with the initial weights, batches and dropout that follow from its seed, its
    rows and `samples`. Its network is normalised by the statistics of its own training samples.

    Where that pays, members are trained as copies of one packed network (`packs`). A member then has the result of
    `fit` within rounding; how it is rounded follows from all members. Equal arguments give equal results, bit for bit.

    Args:
        bench: the data set, device and precision.
        arch: the architecture.
        recipe: the training recipe, of each member.
        members: the trainings, one or more.
        epochs: the number of epochs after which each training is truncated; None: all epochs of the recipe.
        samples: the number of training samples that each member sees in an epoch, drawn anew for each epoch from its
            training rows; None: as many as the member with the fewest training samples has. It is the same for all, so
            that members take the same number of steps.
        packed: whether members may be packed. If not, a member has the result of `fit`, bit for bit.
        checkpoints: where members are stored at the ends of epochs and once they are finished, and resumed from; None:
            they are not stored. The files are left to the caller.
        on_epoch: called after each epoch of each member, with the number of epochs that were trained so far, over all
            members, and the `train_loss` and metrics of this epoch. Epochs of packed members take turns.

    Returns:
        The trained networks, in the order of `members`. `seconds` of packed members are an equal share.

    Raises:
        EvaluationFailed, UsageError, StorageError: as `fit`; the first member that fails ends the others.
    """
    if not members:
        raise UsageError("several trainings need at least one member")
    if samples is None:
        samples = min(bench.samples if one.train is None else len(one.train) for one in members)
    last = checked_length(bench, arch, recipe, epochs)
    benches = [bench_of(member, bench, samples) for member in members]
    sizes = _group_sizes(bench, arch, recipe, len(members), samples) if packed else (1,) * len(members)
    found: list[Fitted] = []
    tell = each_once(on_epoch)  # members that were packed may begin anew

    def alone(place: int) -> Fitted:
        def of_all(epoch: int, measured: Mapping[str, float]) -> None:
            tell(place * last + epoch, measured)

        return fit(
            benches[place],
            arch,
            recipe,
            seed=members[place].seed,
            epochs=epochs,
            checkpoints=checkpoints,
            kept=True,
            on_epoch=of_all,
        )

    def together(first: int, size: int) -> Sequence[Fitted]:
        try:
            return fit_packed(
                benches[first : first + size],
                arch,
                recipe,
                seeds=[member.seed for member in members[first : first + size]],
                epochs=last,
                on_epoch=lambda epoch, measured: tell(first * last + epoch, measured),
                checkpoints=checkpoints,
            )
        except EvaluationFailed as failure:
            if failure.kind is FailureKind.NONFINITE:
                raise
        # What all copies together fail at, memory above all, a training alone may manage.
        return [alone(place) for place in range(first, first + size)]

    for size in sizes:
        first = len(found)
        found += together(first, size) if size > 1 else [alone(first)]
    return tuple(found)


def packs(bench: Workbench, arch: Architecture, recipe: Recipe, trainings: int, *, samples: int | None = None) -> bool:
    """Whether `fit_several` packs so many trainings: some layers and
    recipes cannot be packed, and large networks gain nothing.

    It follows from the network, the batch size and the number of trainings (`nas.training.packed.worthwhile`).

    Args:
        bench: the data set, device and precision.
        arch: the architecture.
        recipe: the training recipe.
        trainings: the number of trainings.
        samples: the number of training samples of an epoch; None: those of the training part.

    Raises:
        EvaluationFailed: BUILD_ERROR, the network cannot be built.
    """
    return max(_group_sizes(bench, arch, recipe, trainings, bench.samples if samples is None else samples)) > 1


def _group_sizes(bench: Workbench, arch: Architecture, recipe: Recipe, trainings: int, samples: int) -> tuple[int, ...]:
    """How many trainings are packed at once, one group after the other."""
    if trainings > 1 and suits(bench.device, bench.dtype, recipe) and bench.resident:
        with seeded(0, bench.device), survivable(FailureKind.BUILD_ERROR):
            network = bench.build(arch)
        if not unpackable(network):
            return group_sizes(network, min(recipe.batch_size, samples), trainings)
    return (1,) * trainings


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
