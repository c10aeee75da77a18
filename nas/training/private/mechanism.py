"""The random part of a private training: which samples a batch has, and the noise."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nas.training.batch import Drawn
from nas.training.private.plan import Plan, plan_of
from nas.training.private.privacy import Privacy
from nas.training.recipe import Recipe
from nas.training.workbench import Workbench


def mechanism_of(bench: Workbench, recipe: Recipe, seed: int) -> "Mechanism | None":
    """The mechanism of a training; None: its recipe is not private. Raises UsageError as `plan_of`."""
    plan = plan_of(recipe, known=bench.known, samples=bench.samples)
    return None if plan is None or recipe.privacy is None else Mechanism(bench, plan, recipe.privacy, seed)


class Mechanism:
    """Draws batches and noise from a generator of its own.

    The bound holds for batches that have each sample with one probability, independently (Poisson sampling).

    Args:
        bench: the data set and the device.
        plan: how the training is done.
        privacy: whose noise is secret, or seeded.
        seed: of the training.

    Attributes:
        plan: the same.
    """

    def __init__(self, bench: Workbench, plan: Plan, privacy: Privacy, seed: int) -> None:
        self.plan = plan
        self._bench = bench
        self._rng = np.random.default_rng(None if privacy.noise == "secret" else [seed, 10])

    def draw(self) -> Drawn:
        """The batches of an epoch."""
        known, plan = self._bench.known, self.plan
        counts = self._rng.binomial(known, plan.share, plan.steps).tolist()
        chosen = [self._rng.choice(known, count, replace=False, shuffle=False) for count in counts]
        places = torch.from_numpy(np.concatenate(chosen)).to(self._bench.device)
        order = places if self._bench.rows is None else self._bench.rows[places]
        return Drawn(order, (0, *accumulate(counts)))

    def noise(self, like: Tensor, norm: float) -> Tensor:
        """The noise of a sum of gradients, each of a norm of at most `norm`: a tensor like another one."""
        drawn = self._rng.standard_normal(like.shape, dtype=np.float32)
        return torch.from_numpy(np.asarray(drawn)).to(like.device) * (self.plan.noise * norm)

    def seed(self) -> int:
        """A seed of other generators whose numbers have to be as secret: those of dropout and augmentation."""
        return int(self._rng.integers(2**63))

    @property
    def state(self) -> Mapping[str, Any]:
        """The state of the generator, as plain data."""
        return self._rng.bit_generator.state

    @state.setter
    def state(self, state: Mapping[str, Any]) -> None:
        self._rng.bit_generator.state = state
