"""The work of the final stage: the full training of finalists, and the export and test metrics of the selected one.

Both are evaluators, so that worker processes can do them. Networks are not returned as metrics: a worker writes them to
files in a folder, and the process of the run moves these to their places. Importing this does not load torch.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas.data import Dataset
from nas.files import make_folder, read_bytes, write_bytes, write_text
from nas.final import DIAGNOSIS, PREDICTIONS
from nas.final.finalist import joined_weights_of, weights_of
from nas.final.last_step import Ensemble
from nas.final.tuning import recipe_with
from nas.network_files import NETWORK_FILES
from nas.sealed import record_bytes
from nas.space import Architecture
from nas.space.stored import stored_architecture
from nas.tasks.stored import task_to_json
from nas.training.checkpoints import Checkpoints
from nas.training.device import Device, Precision
from nas.training.recipe import Recipe
from nas.trial import Metrics

if TYPE_CHECKING:
    from nas.model import Network
    from nas.training.workbench import Workbench

HYPERPARAMETERS = "hyperparameters.json"
"""The file with those that replace some of the recipe, where it is tuned."""
TASK = "task.json"
"""The file with the task, as it was tuned to the network that is handed over."""

MEMBERS = "members.json"
"""The file with the architectures in an ensemble of finalists, the selected one first (`Architecture.to_dict`)."""

TESTED = "tested.json"
"""The file with what was measured on the test data (`OnTest.to_dict`); there is none without test data."""


@dataclass(frozen=True)
class Finishing:
    """What is done with networks in the final stage of a run.

    Attributes:
        data: the data set.
        recipe: of the full training.
        folder: where files are left, which is made if it does not exist.
        finalists: the folder with the weights of finalists, by id.
        objective: the metric of the main objective, for which the task is tuned.
        seeds: the number of trainings of each finalist.
        join: whether the network is handed over that `train_joined` left.
        ensemble: the ensemble that is handed over; for `finalists`, the file `MEMBERS` has the networks.
        name: of the space, for the first line of `model.py`.
        device, precision, metrics: see `nas.training.workbench.Workbench`.
        tuned: whether trainings read `HYPERPARAMETERS` in the folder.
        checkpoints: where full trainings are stored while they last; None: they are not.
        on_epoch: called after each epoch with its number, from 1, and its metrics.
    """

    data: Dataset
    recipe: Recipe
    folder: Path
    finalists: Path
    name: str
    objective: str = ""
    seeds: int = 1
    join: bool = False
    ensemble: Ensemble = "none"
    device: Device = "auto"
    precision: Precision = "auto"
    metrics: tuple[str, ...] = ()
    tuned: bool = False
    checkpoints: Checkpoints | None = None
    on_epoch: Callable[[int, Mapping[str, float]], None] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """For another process: without the data on the device of this one."""
        return {name: value for name, value in vars(self).items() if name != "_bench"}

    @cached_property
    def _bench(self) -> "Workbench":
        from nas.training.workbench import Workbench

        return Workbench(self.data, device=self.device, precision=self.precision, metrics=self.metrics)

    def warm(self) -> None:
        """Imports what trainings need, so that processes that are forked from this one need not."""
        import safetensors.torch  # noqa: F401

        import nas.final.ensemble
        import nas.final.full_training
        import nas.final.joining
        import nas.final.judging
        import nas.final.look_back
        import nas.final.networks  # noqa: F401

        if self.recipe.privacy is not None:
            from nas.training.private.step import warm

            warm()

    def train(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        """Trains a network in full, and leaves its weights as `ID.safetensors`; those of further trainings as
        `ID-2.safetensors` and so on.

        Returns:
            The curves of the training, or their means; with several trainings, the metrics at the end of each, such as
            `val_acc_each`, and their standard deviations, `val_acc_sd`; and the `seconds` of all trainings.

        Raises:
            EvaluationFailed: the training failed.
            UsageError: see `nas.training.fit.fit`.
            StorageError: the weights or a checkpoint cannot be written.
        """
        from safetensors.torch import save

        from nas.final.full_training import train_in_full
        from nas.final.networks import stored_form

        trained = train_in_full(
            self._bench,
            arch,
            self._recipe,
            seed=seed,
            seeds=self.seeds,
            epochs=epochs,
            checkpoints=self.checkpoints,
            on_epoch=self.on_epoch,
        )
        make_folder(self.folder)
        for place, network in enumerate(trained.networks):
            write_bytes(self.folder / weights_of(arch, place), save(stored_form(network).state_dict()))
        return trained.metrics

    def train_joined(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        """Trains a network on the training and the validation samples, and leaves its weights as
        `ID-joined.safetensors`.

        Args:
            arch: its architecture.
            epochs: not used: it has all of the recipe.
            seed: of the training.

        Returns:
            The `seconds` of the training.

        Raises:
            EvaluationFailed: the training failed.
            UsageError: see `nas.final.joining.train_joined`.
            StorageError: the weights or a checkpoint cannot be written.
        """
        from safetensors.torch import save

        from nas.final.joining import train_joined
        from nas.final.networks import stored_form

        trained = train_joined(
            self._bench, arch, self._recipe, seed=seed, checkpoints=self.checkpoints, on_epoch=self.on_epoch
        )
        make_folder(self.folder)
        write_bytes(self.folder / joined_weights_of(arch), save(stored_form(trained.network).state_dict()))
        return {"seconds": trained.seconds}

    def tune(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        """Trains a network in full, once, and leaves nothing.

        Returns:
            The curves of the training, and its `seconds`.

        Raises:
            EvaluationFailed: the training failed.
            UsageError: see `nas.training.fit.fit`.
            StorageError: the hyper-parameters cannot be read.
        """
        from nas.final.full_training import train_in_full

        return train_in_full(self._bench, arch, self._recipe, seed=seed, epochs=epochs, on_epoch=self.on_epoch).metrics

    @property
    def _recipe(self) -> Recipe:
        """The recipe, with the hyper-parameters that the run has left for the next training."""
        if not self.tuned:
            return self.recipe
        return recipe_with(self.recipe, json.loads(read_bytes(self.folder / HYPERPARAMETERS)))

    def hand_over(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        """Measures a finalist on the test data, and leaves the files of its export (`NETWORK_FILES`), the
        task, tuned to it on the validation data (`TASK`), what was measured (`TESTED`), its predictions for the test
        data, or the validation data if there are none, and their diagnosis. With `join`, all but the tuning is
        that of the network that was trained on all samples; with `ensemble`, all is that of the ensemble.

        Args:
            arch: its architecture.
            epochs: not used.
            seed: of the bootstrap over samples.

        Returns:
            The metrics on the test data, if there are any; those of an ensemble on the validation data, with thresholds
            that are not tuned, as in trainings.

        Raises:
            UsageError: see `nas.final.outputs.Outputs` and `nas.model.model_source`.
            StorageError: the weights cannot be read, or a file cannot be written.
        """
        from nas.final.export import network_files
        from nas.final.judging import judged
        from nas.final.look_back import look_back
        from nas.final.networks import network_with

        kept = [self.finalists / weights_of(arch, place) for place in range(self.seeds)]
        # An earlier version kept the first network alone.
        trained = [network_with(read_bytes(path), arch, self.data) for path in kept if path == kept[0] or path.exists()]
        network = self._ensemble(trained)
        if self.join:
            network = network_with(read_bytes(self.finalists / joined_weights_of(arch)), arch, self.data)
        found = judged(self._bench, network, trained, validated=not self.join, metric=self.objective, seed=seed)
        task, tested = found.bench.task, found.tested
        test = None if tested is None else tested.metrics
        files = network_files(
            network,
            task=task,
            intake=self.data.intake,
            name=self.name,
            test=test,
            private=self.recipe.privacy is not None,
        )
        teacher = None if self.recipe.distill is None else self.recipe.distill.teacher
        contents = {**files, **look_back(found.bench, found.outputs, teacher=teacher)}
        make_folder(self.folder)
        write_text(self.folder / TASK, task_to_json(task))
        if tested is not None:
            write_bytes(self.folder / TESTED, record_bytes(tested.to_dict()))
        for name in (*NETWORK_FILES, PREDICTIONS, DIAGNOSIS):
            write_bytes(self.folder / name, contents[name])
        return {**found.val, **(test or {})}

    def _ensemble(self, trained: "Sequence[Network]") -> "Network":
        """The network of the first training, or the ensemble in its place."""
        from nas.final.ensemble import ensemble_of
        from nas.final.networks import network_with

        members = list(trained if self.ensemble == "seeds" else trained[:1])
        if self.ensemble == "finalists":
            for described in json.loads(read_bytes(self.folder / MEMBERS))[1:]:
                arch = stored_architecture(described)
                members.append(network_with(read_bytes(self.finalists / weights_of(arch)), arch, self.data))
        return members[0] if len(members) == 1 else ensemble_of(members, self.data.task)
