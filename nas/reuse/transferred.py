"""What came of a network for another task. Importing this does not load torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nas.arguments import checked
from nas.data.intake import Intake
from nas.errors import UsageError
from nas.final.export import network_files
from nas.handover.placing import InFolder, placed
from nas.tasks import Task

if TYPE_CHECKING:
    from nas.model import Network

Method = Literal["probe", "knn", "tune"]
"""How a network serves another task, see `nas.transfer`."""

RECORD = "transfer.json"
"""The file with the figures, beside those of the network."""


@dataclass(frozen=True)
class Figures:
    """What was measured of a way to a network.

    Attributes:
        metrics: on the validation and, if there are any, the test data: `val_acc`, `test_acc`.
        seconds: the time that it took, without that of measuring.
    """

    metrics: Mapping[str, float]
    seconds: float


@checked
@dataclass(frozen=True)
class Transferred:
    """A network for another task, or what its features are worth.

    Attributes:
        run: the folder of the network that the features are of.
        data: the name of the new data set.
        method: how the features are used.
        layer: the layer that is read as features.
        features: their number.
        train: the number of training samples.
        val: the number of validation samples, on which `chosen` was chosen.
        test: the number of test samples.
        chosen: the `penalty` of the probe or the `neighbours` of k-NN, chosen on the validation data; or the
            `trunk_rate` that was given, and what a private training spent.
        figures: of the method.
        scratch: of the same architecture trained from scratch, with the same samples and recipe; None: it was not.
        task: the new task.
        intake: how samples are prepared.
        network: on the CPU, in evaluation mode; None: neighbours are no network.
    """

    run: str
    data: str
    method: Method
    layer: str
    features: int
    train: int
    val: int
    test: int
    chosen: Mapping[str, float]
    figures: Figures
    scratch: Figures | None
    task: Task
    intake: Intake
    network: Any = field(default=None, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """As plain data, without the network."""
        plain = ("run", "data", "method", "layer", "features", "train", "val", "test")
        figures = {"figures": self.figures, "scratch": self.scratch}
        return {
            **{name: getattr(self, name) for name in plain},
            "chosen": dict(self.chosen),
            **{
                name: None if one is None else {"metrics": dict(one.metrics), "seconds": one.seconds}
                for name, one in figures.items()
            },
        }

    def save(self, folder: str | Path) -> Path:
        """Writes the network to a folder that `nas predict` and `nas export` take, with `transfer.json`.

        Args:
            folder: a new or an empty one, or one that was written so before.

        Raises:
            UsageError: there is no network, or the folder holds other files.
            StorageError: a file cannot be written. The folder is as it was before.
        """
        place = place_for(self.method, folder)
        tested = {name: value for name, value in self.figures.metrics.items() if name.startswith("test_")}
        network: Network = self.network
        files = network_files(
            network,
            task=self.task,
            intake=self.intake,
            name=self.data,
            test=tested or None,
            private="epsilon" in self.chosen,
        )
        with placed(place) as manifest:
            manifest.write_all(files)
            manifest.write_record(RECORD, self.to_dict())
        return Path(folder)


def place_for(method: Method, folder: str | Path) -> InFolder:
    """Where a network is written. Raises UsageError if a method makes none, or the folder holds other files."""
    if method == "knn":
        raise UsageError("k-NN keeps all training samples and is no network, so that there is nothing to write")
    place = InFolder(Path(folder).resolve())
    place.check()
    return place
