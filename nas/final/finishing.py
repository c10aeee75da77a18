"""The work of the final stage: the full training of finalists, and the export and test metrics of the selected one.

Both are evaluators, so that worker processes can do them. Networks are not returned as metrics: a worker writes them to
files in a folder, and the process of the run moves these to their places. Importing this does not load torch.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas.data import Dataset
from nas.files import make_folder, read_bytes, write_bytes, write_text
from nas.final import DIAGNOSIS, NETWORK_FILES, PREDICTIONS
from nas.final.finalist import weights_of
from nas.space import Architecture
from nas.tasks.stored import task_to_json
from nas.training.checkpoints import Checkpoints
from nas.training.device import Device, Precision
from nas.training.recipe import Recipe
from nas.trial import Metrics

if TYPE_CHECKING:
    from nas.training.workbench import Workbench

TASK = "task.json"
"""The file with the task, as it was tuned to the network that is handed over."""


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
        name: of the space, for the first line of `model.py`.
        device, precision, metrics: see `nas.training.workbench.Workbench`.
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
    device: Device = "auto"
    precision: Precision = "auto"
    metrics: tuple[str, ...] = ()
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

        import nas.final.full_training
        import nas.final.look_back
        import nas.final.networks  # noqa: F401

    def train(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        """Trains a network in full, and leaves its weights, or those of the first of several trainings, as
        `ID.safetensors`.

        Returns:
            The curves of the training, or their means; with several trainings, the standard deviations of the metrics
            at their ends, such as `val_acc_sd`; and the `seconds` of all trainings.

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
            self.recipe,
            seed=seed,
            seeds=self.seeds,
            epochs=epochs,
            checkpoints=self.checkpoints,
            on_epoch=self.on_epoch,
        )
        content = save(stored_form(trained.network).state_dict())
        make_folder(self.folder)
        write_bytes(self.folder / weights_of(arch), content)
        return trained.metrics

    def hand_over(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        """Measures a finalist on the test data, and leaves the files of its export (`nas.final.NETWORK_FILES`), the
        task, tuned to it on the validation data (`TASK`), its predictions for the test data, or the validation data if
        there are none, and their diagnosis.

        Returns:
            Its metrics on the test data; none if there are no test data.

        Raises:
            UsageError: see `Workbench.score_samples` and `nas.model.model_source`.
            StorageError: the weights cannot be read, or a file cannot be written.
        """
        from nas.final.export import network_files
        from nas.final.look_back import look_back
        from nas.final.networks import network_with, score_on_test, tuned_bench

        network = network_with(read_bytes(self.finalists / weights_of(arch)), arch, self.data)
        bench = tuned_bench(self._bench, network, metric=self.objective)
        measured = score_on_test(bench, network)
        files = network_files(network, task=bench.task, intake=self.data.intake, name=self.name, test=measured)
        contents = {**files, **look_back(bench, network)}
        make_folder(self.folder)
        write_text(self.folder / TASK, task_to_json(bench.task))
        for name in (*NETWORK_FILES, PREDICTIONS, DIAGNOSIS):
            write_bytes(self.folder / name, contents[name])
        return measured or {}
