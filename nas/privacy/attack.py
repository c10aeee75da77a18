"""Membership inference: can it be told which samples a network was trained on?"""

import copy
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from nas.arguments import NotNegative, Seed, checked
from nas.data import Dataset
from nas.data.pool import check_joins
from nas.errors import UsageError
from nas.handover.handed import handed_of
from nas.model import Network
from nas.privacy.exposure import Exposure, exposure_of
from nas.privacy.losses import confidences, losses_of
from nas.privacy.shadows import halves, likelihood_ratios, shadow_confidences
from nas.privacy.text import lines_of
from nas.runs.config import CONFIG, load_config
from nas.training import Recipe
from nas.training.device import threads
from nas.training.tokens import check_tokens
from nas.training.workbench import Workbench

LOSS, SHADOWS = "loss", "shadow networks"
"""The attacks."""


@dataclass(frozen=True)
class Membership:
    """What attacks find out of who was a member of the training samples.

    Attributes:
        attacks: what each of them reaches, by name: `loss` and perhaps `shadow networks`.
    """

    attacks: Mapping[str, Exposure]

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {name: one.to_dict() for name, one in self.attacks.items()}

    @property
    def lines(self) -> Sequence[str]:
        """A table of the attacks, at most 80 columns wide."""
        return lines_of(self.attacks)


@checked
def infer_membership(
    network: str | Path | Network,
    data: Dataset | None = None,
    *,
    shadows: NotNegative = 0,
    recipe: Recipe | None = None,
    seed: Seed = 0,
    allow_code: bool = False,
) -> Membership:
    """Attacks a network: which samples was it trained on?

    The attack `loss` takes a sample for a member if its loss is at most the mean loss of the training samples (Yeom et
    al. 2018). Members are the training samples, others the test samples.

    With `shadows`, networks of the same architecture are trained on random halves of the training and validation
    samples, and a sample is taken for a member if its loss is more likely with it than without it (LiRA, Carlini et al.
    2022). Others are the validation samples then, since nothing is trained on test samples.

    Args:
        network: the folder of a run, or a trained network.
        data: whose training samples the network was trained on, and nothing else of it; None: those of the run.
        shadows: the number of shadow networks, even and 4 or more; 0: none are trained.
        recipe: of their trainings; None: that of the run's final stage, without a teacher.
        seed: of the shadow networks and of the resamples of intervals.
        allow_code: import the user's own source of data, if the run names one.

    Raises:
        UsageError: the data cannot be read, have no test samples or do not suit the network; a loss is not finite; or
            shadow networks cannot be trained so.
        EvaluationFailed: a training failed.
        Damaged, IntegrityError, StorageError: a file is corrupt, or cannot be read.
    """
    if shadows and (shadows < 4 or shadows % 2):
        raise UsageError(f"shadows: expected 0 or an even number of networks from 4, got {shadows}")
    joined, limit = False, None
    if isinstance(network, Network):
        if data is None:
            raise UsageError("data: expected the data set that the network was trained on, got none")
        bench = Workbench(data)
    else:
        if data is not None:
            raise UsageError("data: the run has its own; expected none, or a network in place of the run")
        handed = handed_of(network, allow_code=allow_code)
        if not isinstance(handed.data, Dataset):
            raise UsageError(str(handed.data))
        config = load_config(handed.folder / CONFIG, allow_code=allow_code)
        data, network, recipe = handed.data, handed.network, recipe or config.final.recipe
        bench = Workbench(data, device=config.device, precision=config.precision)
        joined, limit = config.final.join, threads(config.threads or 1)
    _check(network, data)
    if shadows and recipe is None:
        raise UsageError("recipe: shadow networks are trained as the network was; expected its recipe, got none")
    if shadows and joined:
        raise UsageError("shadows: the run has `final.join`, so its network may know the validation samples as well")
    if shadows:
        check_joins(data.train)
    network = copy.deepcopy(network).to(bench.device).eval()
    with limit or nullcontext():
        found = {LOSS: _by_loss(bench, network, seed)}
        if shadows and recipe is not None:
            found[SHADOWS] = _by_shadows(bench, network, replace(recipe, distill=None), shadows, seed)
    return Membership(found)


def _check(network: Network, data: Dataset) -> None:
    """Raises UsageError if a network is not one for a data set, or nothing is known not to be a member."""
    arch, outputs = network.arch, len(data.task.outputs)
    if arch.input != data.shape or arch.output != (outputs,):
        raise UsageError(
            f"the network is for other data: expected inputs of {data.shape} and outputs of {(outputs,)}, "
            f"got {arch.input} and {arch.output}"
        )
    if data.test is None:
        raise UsageError(f"{data.name} has no test samples, so there are no samples that the network does not know")
    for part, samples in data.parts.items():
        check_tokens(arch, samples, part)


def _by_loss(bench: Workbench, network: Network, seed: int) -> Exposure:
    members, others = (losses_of(bench, network, *bench.moved(part)) for part in ("train", "test"))
    return exposure_of(-members, -others, -float(members.mean()), np.random.default_rng([seed, 0]))


def _by_shadows(bench: Workbench, network: Network, recipe: Recipe, shadows: int, seed: int) -> Exposure:
    known = len(bench.data.train)
    own = bench.view(train=np.arange(known))
    observed = confidences(losses_of(bench, network, *own.train))
    rng = np.random.default_rng([seed, 1])
    inside = halves(len(observed), shadows, rng)
    trained = shadow_confidences(bench, network.arch, recipe, inside, seed=seed)
    ratios = likelihood_ratios(observed, trained, inside)
    return exposure_of(ratios[:known], ratios[known:], 0.0, rng)
