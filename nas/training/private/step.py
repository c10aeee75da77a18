"""One step of a private training: the gradient of each sample is clipped, and noise is added to their sum."""

from contextlib import suppress

import torch
from torch import Tensor

from nas.accounting import accountant_utilities
from nas.errors import UsageError
from nas.model import Network
from nas.training.batch import Batch
from nas.training.private.gradients import SampleGradients
from nas.training.private.mechanism import Mechanism
from nas.training.recipe import Recipe
from nas.training.step import Step
from nas.training.workbench import Workbench

BYTES = 2**28
"""Of the gradients of samples that are computed at once."""

LEAST = 1e-6
"""Is added to norms, as Opacus does: none is 0."""


def warm() -> None:
    """Imports what the first private training of a process imports: torch's compiler, which maps of gradients ask
    whether it is on, and the accountant, if it is installed."""
    import torch._dynamo  # noqa: F401

    with suppress(UsageError):
        accountant_utilities()


class PrivateStep(Step):
    """Takes the steps of a private training (Abadi et al. 2016, algorithm 1).

    Args:
        bench: the data set, device and precision.
        network: the network, of layers that compute each sample by itself.
        recipe: the training recipe, with a `clip_norm`.
        mechanism: draws the noise.
        parts: by which the number of samples is divided whose gradients are computed at once.
    """

    def __init__(
        self, bench: Workbench, network: Network, recipe: Recipe, mechanism: Mechanism, *, parts: int = 1
    ) -> None:
        super().__init__(bench, network, recipe)
        self._mechanism = mechanism
        self._gradients = SampleGradients(bench, network, self.loss)
        size = 4 * sum(one.numel() for one in network.parameters())
        self._at_once = max(1, min(recipe.batch_size, BYTES // size) // parts)

    def _differentiate(self, batch: Batch, progress: float | Tensor) -> None:
        """Sets the gradients: the sum of those of all samples, each clipped, with noise, over the expected number of
        samples; and that of the penalty, which says nothing of samples."""
        norm, penalty, parameters = self._recipe.clip_norm, self._recipe.l1, self.optimizer.parameters
        assert norm is not None  # noqa: S101  see `check_private`
        sums = [torch.zeros_like(one) for one in parameters]
        for start in range(0, len(batch.samples), self._at_once):
            part = batch.part(start, start + self._at_once)
            gradients, losses = self._gradients(part.inputs, part.targets)
            self.summed += losses.sum()
            norms = torch.stack([torch.linalg.vector_norm(one.flatten(1), dim=1) for one in gradients])
            factors = (norm / (torch.linalg.vector_norm(norms, dim=0) + LEAST)).clamp(max=1.0)
            for total, one in zip(sums, gradients, strict=True):
                total += torch.tensordot(factors, one, dims=1)
        penalised = set(map(id, self._weights)) if penalty else ()
        for parameter, total in zip(parameters, sums, strict=True):
            total += self._mechanism.noise(total, norm)
            total /= self._mechanism.plan.expected
            if id(parameter) in penalised:
                total += penalty * parameter.detach().sign()
            parameter.grad = total
