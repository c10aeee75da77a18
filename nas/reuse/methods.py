"""How a trained network serves another task: what becomes of its features."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from nas.final.networks import stored_form
from nas.final.outputs import Outputs
from nas.model import Network
from nas.reuse.extract import trunk_network, trunk_state
from nas.reuse.probe import Head, probes
from nas.reuse.transferred import Method
from nas.reuse.trunk import Trunk
from nas.reuse.voters import Voters
from nas.space import Architecture
from nas.training.fit import Fitted, fit
from nas.training.recipe import Recipe
from nas.training.start import Start
from nas.training.workbench import Workbench

Part = Literal["train", "val", "test"]


@dataclass(frozen=True, eq=False)
class Problem:
    """A network, and another task that it is to serve.

    Attributes:
        network: the network.
        trunk: the part of it that computes features.
        bench: the new data, their task and the device.
        recipe: of trainings.
        trunk_rate: the learning rate of the trunk as a fraction of that of the recipe, in (0, 1].
        seed: of trainings.
    """

    network: Network
    trunk: Trunk
    bench: Workbench
    recipe: Recipe
    trunk_rate: float
    seed: int

    @cached_property
    def arch(self) -> Architecture:
        """The trunk with a head for the new task."""
        return self.trunk.with_head(len(self.bench.task.outputs))

    @property
    def parts(self) -> tuple[Part, ...]:
        """Those that figures are of."""
        return ("val",) if self.bench.data.test is None else ("val", "test")

    def outputs(self, network: Network) -> Mapping[Part, Tensor]:
        """The outputs of a network for these parts."""
        return {part: Outputs(self.bench, network, part).values for part in self.parts}

    def targets(self, part: Part) -> Tensor:
        """The targets of the samples of a part."""
        return torch.from_numpy(self.bench.data.parts[part].targets)

    @cached_property
    def features(self) -> Mapping[Part, Tensor]:
        """The features of the samples of all parts, `(N, D)`, computed once."""
        trunk = trunk_network(self.network, self.trunk)
        return {part: Outputs(self.bench, trunk, part).values for part in ("train", *self.parts)}

    def worth(self, outputs: Tensor) -> tuple[float, float]:
        """How good outputs for the validation data are: by the objective of the task, then by the loss."""
        found = self.bench.judge(outputs, self.targets("val"))
        return self.bench.task.objective.score(found), -found["val_loss"]


class Served(NamedTuple):
    """What a method found.

    Attributes:
        outputs: for the samples of the parts that figures are of.
        chosen: what was chosen on the validation data, or given, and what a private training spent.
        network: None: there is none.
    """

    outputs: Mapping[Part, Tensor]
    chosen: Mapping[str, float]
    network: Network | None


def probe(problem: Problem) -> Served:
    """A linear probe of the frozen trunk, as a network."""
    heads = probes(problem.features["train"], problem.targets("train"), problem.bench.task)
    best = max(heads, key=lambda head: problem.worth(_applied(problem, head)))
    network = stored_form(_with(problem, best))
    return Served(problem.outputs(network), {"penalty": best.penalty}, network)


def _applied(problem: Problem, head: Head) -> Tensor:
    """The outputs of a head for the validation data, scaled as those of a network."""
    outputs = problem.features["val"] @ head.weight.T + head.bias
    if problem.bench.task.scaling is None:
        return outputs
    mean, std = (torch.tensor(one, dtype=outputs.dtype) for one in problem.bench.task.scaling)
    return outputs * std + mean


def _with(problem: Problem, head: Head) -> Network:
    """The trunk with a head as a network."""
    arch, source = problem.arch, problem.network
    with torch.random.fork_rng(devices=[]):
        network = Network(arch, mean=source.mean, std=source.std, scaling=problem.bench.task.scaling)
    own = {f"{arch.names[-1]}.weight": head.weight, f"{arch.names[-1]}.bias": head.bias}
    network.load_state_dict({**network.state_dict(), **trunk_state(source, problem.trunk), **own})
    return network.eval()


def knn(problem: Problem) -> Served:
    """The nearest training samples in the space of features of the frozen trunk."""
    known = Voters(problem.features["train"], problem.targets("train"), problem.bench.task)
    found = {part: known.outputs(problem.features[part]) for part in problem.parts}
    best = max(known.counts, key=lambda count: problem.worth(found["val"][count]))
    return Served({part: outputs[best] for part, outputs in found.items()}, {"neighbours": best}, None)


def tune(problem: Problem) -> Served:
    """The trunk trained further at a smaller learning rate, with a new head. Raises EvaluationFailed."""
    start = Start(trunk_state(problem.network, problem.trunk), problem.trunk_rate)
    fitted = _fitted(problem, start)
    network = stored_form(fitted.network)
    return Served(problem.outputs(network), {"trunk_rate": problem.trunk_rate, **fitted.privacy}, network)


def trained(problem: Problem) -> Network:
    """The trunk and its head after a training from scratch. Raises EvaluationFailed."""
    return stored_form(_fitted(problem).network)


def _fitted(problem: Problem, start: Start | None = None) -> Fitted:
    return fit(problem.bench, problem.arch, problem.recipe, seed=problem.seed, start=start)


METHODS: Mapping[Method, Callable[[Problem], Served]] = MappingProxyType({"probe": probe, "knn": knn, "tune": tune})
"""The table of methods."""
