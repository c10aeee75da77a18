"""Trainings that are compared: of one recipe or another, from equal seeds, on one bench."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nas.evaluate.means import member_seed
from nas.events import EpochEnded, OnEvent, StudentEnded, unread
from nas.interrupt import stop_if_asked
from nas.model import Network
from nas.space import Architecture
from nas.students.result import Compared
from nas.training import Checkpoints, Recipe
from nas.training.fit import fit
from nas.training.residence import Inputs, in_order
from nas.training.workbench import SCORING_BATCH, Workbench


@dataclass(frozen=True, eq=False)
class Trained:
    """A network after its trainings.

    Attributes:
        networks: of each training, on the device of the bench and in evaluation mode.
        compared: what was measured of them.
    """

    networks: Sequence[Network]
    compared: Compared


@dataclass(frozen=True, eq=False)
class School:
    """Where networks are trained and measured.

    Attributes:
        bench: the data set, device and precision.
        seed: of the first training of each network; those of the others follow from it.
        seeds: the number of trainings of each network.
        checkpoints: where trainings are kept; None: they are not.
        metric: what networks are compared by, such as `val_acc`.
        trial: the number of the student's trial.
        on_event: called with each `EpochEnded` and `StudentEnded`.
    """

    bench: Workbench
    seed: int
    seeds: int = 1
    checkpoints: Checkpoints | None = None
    metric: str = ""
    trial: int = 0
    on_event: OnEvent = unread

    def trained(self, name: str, arch: Architecture, recipe: Recipe) -> Trained:
        """Trains a network and measures it.

        Args:
            name: what it is, for `on_event`.
            arch: its architecture.
            recipe: of its trainings.

        Raises:
            EvaluationFailed, UsageError, StorageError: as `nas.training.fit.fit`.
        """
        found = []
        for place in range(self.seeds):
            found.append(
                fit(
                    self.bench,
                    arch,
                    recipe,
                    seed=member_seed(self.seed, place),
                    checkpoints=self.checkpoints,
                    kept=self.checkpoints is not None,
                    on_epoch=lambda epoch, metrics: self.on_event(EpochEnded(self.trial, epoch, metrics)),
                )
            )
            self.on_event(StudentEnded(name, self.metric, found[-1].curves[self.metric][-1]))
        networks = [one.network for one in found]
        return Trained(networks, self.measured(networks, arch.params, sum(one.seconds for one in found)))

    def measured(self, networks: Sequence[nn.Module], params: int, seconds: float = 0.0) -> Compared:
        """What networks reach on the validation and the test data; labels have the thresholds of trainings.

        Args:
            networks: of several trainings of one network, on the device of the bench.
            params: the number of its parameters.
            seconds: the duration of the trainings.
        """
        each = [{**self._judged(one, "val"), **self._judged(one, "test")} for one in networks]
        return Compared(params, {name: tuple(one[name] for one in each) for name in each[0]}, seconds)

    def _judged(self, network: nn.Module, part: str) -> Mapping[str, float]:
        parts = self.bench.data.parts
        if part not in parts:
            return {}
        inputs, targets = self.bench.moved(part)
        return self.bench.judge(self._outputs(network, inputs), targets, part)

    def _outputs(self, network: nn.Module, inputs: Inputs) -> Tensor:
        found = []
        with torch.inference_mode(), self.bench.autocast():
            for batch in in_order(inputs, SCORING_BATCH // 2):
                stop_if_asked()
                found.append(network(batch).float())
        return torch.cat(found)
