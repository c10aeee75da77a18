"""The evaluator that trains each architecture for a few epochs."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from nas.arguments import Positive, checked
from nas.data import Dataset
from nas.data.augmentation import check_augment
from nas.errors import UsageError
from nas.evaluate.means import mean_metrics, member_seed
from nas.evaluate.tse import TSE, asks_for_tse, with_tse
from nas.ops import COSTS
from nas.settings import IDENTITY_IF_SET, INLINE, plain
from nas.space import Architecture
from nas.tasks import METRICS, measured_by
from nas.tasks.metrics import SD, asked_by
from nas.training.checkpoints import Checkpoints
from nas.training.device import Device, Precision
from nas.training.losses import make_loss
from nas.training.monitor import check_monitor
from nas.training.private.suited import check_private, check_private_networks
from nas.training.recipe import Recipe
from nas.training.recipes import NAMED_RECIPES
from nas.training.trainable import check_augmented, check_batches, check_distilled
from nas.trial import Metrics, Objective

if TYPE_CHECKING:
    from nas.training.workbench import Workbench


def measurable(*suffixes: str) -> tuple[str, ...]:
    """What trainings may report as one number: metrics, also with suffixes, the sum of losses, costs and seconds."""
    names = (*(f"val_{name}" for name in METRICS), "train_loss")
    return (*names, *(f"{name}{suffix}" for suffix in suffixes for name in names), TSE, *COSTS, "seconds")


@checked
class Train:
    """Trains on the training data and evaluates on the validation data; the test data are never read.

    Args:
        data: the data set.
        recipe: the training recipe; `recipe.epochs` is the full budget. None: the defaults of `Recipe`.
        device: `auto`: CUDA, if it is available.
        precision: see `nas.training.workbench.Workbench`.
        repeats: the number of trainings of each network, from different seeds. Metrics are their means, with standard
            deviations (`val_acc_sd`), and the number of finished trainings is the fidelity (`nas.evaluate.means`).
        metrics: further metrics to measure on the validation data, by their names in the table of metrics; `tse`: the
            sum of training losses (`nas.evaluate.tse`).
        objectives: the objectives of the search, whose metrics are measured as well.
        checkpoints: where truncated trainings are stored and resumed from; None: each training starts from scratch.
            Except for `seconds`, metrics do not depend on it.
        on_epoch: called after each trained epoch with its number, from 1, and its metrics.
    """

    metrics: ClassVar[tuple[str, ...]] = measurable(SD)
    """What may be reported as one number, and can be an objective; a task has some of the metrics."""

    def __init__(
        self,
        data: Dataset,
        recipe: Annotated[Recipe | None, INLINE, NAMED_RECIPES] = None,
        *,
        device: Device = "auto",
        precision: Precision = "auto",
        repeats: Annotated[Positive, IDENTITY_IF_SET] = 1,
        metrics: Sequence[str] = (),
        objectives: Sequence[Objective] = (),
        checkpoints: Checkpoints | None = None,
        on_epoch: Callable[[int, Mapping[str, float]], None] | None = None,
    ) -> None:
        self.data = data
        self.recipe = recipe or Recipe()
        self.device: Device = device
        self.precision: Precision = precision
        make_loss(data.task, self.recipe)  # reports an unknown loss before the first training
        check_augment(self.recipe.augment, data.input)
        check_distilled(self.recipe, data)
        check_private(self.recipe, data)
        self.repeats = repeats
        spreads = [one.metric for one in objectives if one.metric.endswith(SD) and one.metric in self.metrics]
        if repeats == 1 and spreads:
            raise UsageError(f"objective {spreads[0]!r}: a standard deviation takes `repeats` of 2 or more, got 1")
        self.measured = measured_by(data.task, [*asked_by(objectives), *(name for name in metrics if name != TSE)])
        check_monitor(self.recipe, self.measured)
        self.tse = asks_for_tse(metrics, objectives)
        if self.tse and self.recipe.patience is not None:
            raise UsageError(f"{TSE}: with `patience`, trainings have different lengths, and their sums do not compare")
        self.checkpoints = checkpoints
        self.on_epoch = on_epoch

    @property
    def full_epochs(self) -> int:
        """The number of epochs of the full evaluation, over all trainings."""
        return self.repeats * self.recipe.epochs

    def check(self, networks: Sequence[Architecture]) -> None:
        """Raises UsageError if one of some networks cannot be trained: with this recipe, or in this precision here.

        A device that is not there is not asked: a file may be written for another machine.
        """
        import torch

        check_batches(networks, self.recipe)
        check_augmented(networks, self.recipe, self.data.input)
        if self.device != "cuda" or torch.cuda.is_available():
            from nas.training.device import pick_device
            from nas.training.precision import check_precision, pick_precision

            device = pick_device(self.device)
            for arch in networks:
                check_precision(arch, device, pick_precision(self.precision, device))
            if self.recipe.learns:
                from nas.training.teaching import check_teaching

                check_teaching(self.bench, networks, self.recipe)
            if self.recipe.privacy is not None:
                check_private_networks(self.bench, networks, self.recipe)

    @property
    def objective(self) -> Objective:
        """The default objective of a search: that of the task."""
        return self.data.task.objective

    def depends_on(self) -> Mapping[str, Any]:
        """What results depend on besides architecture, `epochs` and `seed` (`nas.evaluate.cached`)."""
        from nas.training.device import pick_device
        from nas.training.numerics import numerics
        from nas.training.precision import pick_precision

        device = pick_device(self.device)
        neutral = {"data", "device", "precision", "checkpoints", "on_epoch", "bench"}
        return {
            "evaluator": "train",
            "settings": plain({name: value for name, value in vars(self).items() if name not in neutral}, hashed=True),
            "data": self.data.fingerprint,
            "task": self.data.task.name,
            "precision": str(pick_precision(self.precision, device)),
            **numerics(device),
        }

    def warm(self) -> None:
        """Imports what trainings need, so that processes that are forked from this one need not."""
        import nas.training.several  # noqa: F401
        from nas.training.private.step import warm

        if self.recipe.privacy is not None:
            warm()

    def __getstate__(self) -> dict[str, Any]:
        """For another process: without the data on the device of this one."""
        return {name: value for name, value in vars(self).items() if name != "bench"}

    @cached_property
    def bench(self) -> "Workbench":
        """The data set on the device."""
        from nas.training.workbench import Workbench

        return Workbench(self.data, device=self.device, precision=self.precision, metrics=self.measured)

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        """Trains a network, and returns its metrics after the last epoch.

        With fewer `epochs` than in the recipe, the training is the beginning of the full training, with its learning
        rate schedule.

        Args:
            arch: the architecture.
            epochs: the number of epochs after which the training is truncated; None: the full training.
            seed: of the training; with `repeats`, of the first, and those of the others follow from it.

        Returns:
            `train_loss`, validation metrics, their curves, `params`, `macs`, and `seconds`; `batch_parts` if the memory
            of the device did not suffice for whole batches (see `fit`); `epsilon`, `delta` and `noise_multiplier` if
            the recipe is private; `tse` if it was asked for.

        Raises:
            EvaluationFailed: BUILD_ERROR, NONFINITE, OOM_HOST, OOM_CUDA or CRASH.
            UsageError: CUDA was requested and is not available, or there are more epochs than in the full evaluation.
            StorageError: checkpoints cannot be read or written.
        """
        from nas.training.several import Member

        found = mean_metrics(
            self.bench,
            arch,
            self.recipe,
            [Member(member_seed(seed, place)) for place in range(self.repeats)],
            epochs=epochs,
            checkpoints=self.checkpoints,
            on_epoch=self.on_epoch,
        )
        return with_tse(found) if self.tse else found
