"""The evaluator that trains each architecture once for each fold of a cross-validation."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import Field

from nas.arguments import Positive, checked
from nas.containment import contained
from nas.data import Dataset
from nas.data.folds import Fold, check_folds, fewest, make_folds
from nas.errors import UsageError
from nas.evaluate.means import mean_metrics, member_seed
from nas.evaluate.train import Train, measurable
from nas.evaluate.tse import with_tse
from nas.settings import INLINE
from nas.space import Architecture
from nas.tasks.metrics import SD
from nas.training.checkpoints import Checkpoints
from nas.training.device import Device, Precision
from nas.training.recipe import Recipe
from nas.training.recipes import NAMED_RECIPES
from nas.trial import Metrics, Objective


@checked
class CrossValidation:
    """Trains on all folds but one, and validates on that fold, for each fold; metrics are means over the folds.

    The folds divide the training and the validation part together; the test part is never read. They are the same for
    all networks. They are stratified by class, and if the data set has groups, each group is within one fold. If it has
    times, each fold is trained on the samples before those that it validates on: see `nas.data.folds.make_folds`.
    Networks are normalised by the statistics of the samples that they are trained on. In an epoch, each fold sees as
    many samples as the fold with the fewest, drawn anew for each epoch.

    The number of finished folds is the fidelity: truncated to E epochs, with `epochs` per fold, an evaluation has the
    results of the first E // `epochs` folds, or the beginning of the first fold (`nas.evaluate.means`). Where all folds
    of a small network are packed into one, these results are the same within rounding.

    Args:
        data: the data set.
        recipe: the training recipe of each fold. None: the defaults of `Recipe`.
        folds: the number of folds.
        repeats: the number of divisions into folds; each is trained on.
        split_seed: of the folds.
        device: `auto`: CUDA, if it is available.
        precision: see `nas.training.workbench.Workbench`.
        metrics: further metrics to measure on the validation data, by their names in the table of metrics; `tse`: the
            sum of training losses (`nas.evaluate.tse`).
        objectives: the objectives of the search, whose metrics are measured as well.
        checkpoints: where finished folds of truncated evaluations are stored; None: each evaluation starts from
            scratch. Except for `seconds`, metrics do not depend on it.
        on_epoch: called after each trained epoch with its number, from 1, over all folds, and its metrics.

    Raises:
        UsageError: the samples cannot be divided into so many folds, or the recipe has a teacher.
    """

    metrics: ClassVar[tuple[str, ...]] = measurable(SD)
    """What may be reported as one number, and can be an objective; a task has some of the metrics."""

    def __init__(
        self,
        data: Dataset,
        recipe: Annotated[Recipe | None, INLINE, NAMED_RECIPES] = None,
        *,
        folds: Annotated[int, Field(ge=2)] = 5,
        repeats: Positive = 1,
        split_seed: Annotated[int, Field(ge=0, lt=2**32)] = 0,
        device: Device = "auto",
        precision: Precision = "auto",
        metrics: Sequence[str] = (),
        objectives: Sequence[Objective] = (),
        checkpoints: Checkpoints | None = None,
        on_epoch: Callable[[int, Mapping[str, float]], None] | None = None,
    ) -> None:
        check_folds(data, folds, repeats)
        if recipe is not None and recipe.learns:
            raise UsageError("distill: a teacher knows the samples of the folds; expected the evaluator train")
        self.data = data
        self.folds, self.repeats, self.split_seed = folds, repeats, split_seed
        # A standard deviation as an objective takes two trainings, and there are two folds or more.
        self.train = Train(
            data,
            recipe,
            device=device,
            precision=precision,
            repeats=folds * repeats,
            metrics=metrics,
            objectives=objectives,
            checkpoints=checkpoints,
            on_epoch=on_epoch,
        )
        self.recipe, self.device = self.train.recipe, self.train.device
        self.measured = self.train.measured

    @property
    def full_epochs(self) -> int:
        """The number of epochs of the full evaluation, over all folds."""
        return self.train.full_epochs

    @property
    def objective(self) -> Objective:
        """The default objective of a search: that of the task."""
        return self.train.objective

    def check(self, networks: Sequence[Architecture]) -> None:
        """Raises UsageError if one of some networks cannot be trained: with this batch size, or in this precision."""
        self.train.check(networks)

    def depends_on(self) -> Mapping[str, Any]:
        """What results depend on besides architecture, `epochs` and `seed` (`nas.evaluate.cached`)."""
        own = {"folds": self.folds, "repeats": self.repeats, "split_seed": self.split_seed}
        return {**self.train.depends_on(), **own, "evaluator": "cross_validation"}

    def warm(self) -> None:
        """Imports what trainings need, and divides the data, so that processes forked from this one need not."""
        self.train.warm()
        for fold in self._folds:
            self.data.pool.statistics(fold.train)

    @cached_property
    def _folds(self) -> tuple[Fold, ...]:
        with contained():  # importing scikit-learn draws from the generator of `random`
            return make_folds(self.data, folds=self.folds, repeats=self.repeats, seed=self.split_seed)

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        """Trains a network for each fold, and returns the means of its metrics after the last epoch.

        Args:
            arch: the architecture.
            epochs: the number of epochs, over all folds, after which the evaluation is truncated; None: all folds.
            seed: of the first training; those of the others follow from it.

        Returns:
            `train_loss` and validation metrics, means over folds; with two or more folds, their sample standard
            deviations (`val_acc_sd`); means of their curves, `params`, `macs`, and `seconds`, the sum over folds.

        Raises:
            EvaluationFailed: BUILD_ERROR, NONFINITE, OOM_HOST, OOM_CUDA or CRASH, in any fold.
            UsageError: CUDA was requested and is not available, a metric is undefined for a fold, or there are more
                epochs than in the full evaluation.
            StorageError: checkpoints cannot be read or written.
        """
        from nas.training.several import Member

        found = mean_metrics(
            self.train.bench,
            arch,
            self.recipe,
            [Member(member_seed(seed, place), fold.train, fold.val) for place, fold in enumerate(self._folds)],
            epochs=epochs,
            samples=fewest(self._folds),
            checkpoints=self.train.checkpoints,
            on_epoch=self.train.on_epoch,
        )
        return with_tse(found) if self.train.tse else found
