"""Distillation with a bound on what is known of each training sample: a student of noisy votes (PATE)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nas.accounting import noise_for, spent
from nas.arguments import Chance, Positive, PositiveFloat, Seed, checked
from nas.data import Dataset, from_arrays
from nas.data.pool import check_joins
from nas.distillation.unlabelled import Unlabelled, source_of
from nas.errors import UsageError, few
from nas.evaluate.means import member_seed
from nas.interrupt import stop_if_asked
from nas.model import Network
from nas.privacy.votes import SENSITIVITY, error_of_unanimity, noisy_labels
from nas.space import Architecture
from nas.training import Recipe
from nas.training.device import Device
from nas.training.fit import fit
from nas.training.trainable import check_augmented
from nas.training.workbench import SCORING_BATCH, Workbench

USELESS = 0.5
"""The probability of a wrong label where all teachers agree, from which nothing can be learned from votes."""


@dataclass(frozen=True, eq=False)
class PrivateStudent:
    """A network that knows of the training samples what noisy votes tell.

    Attributes:
        network: the student, on the CPU and in evaluation mode.
        labelled: what it was trained on: the inputs without targets, with noisy labels.
        epsilon: ε of the promise, at most what was asked for.
        delta: δ of the promise.
        noise: the standard deviation of the noise of each count of votes.
        teachers: how many voted.
        queries: the number of inputs that they labelled.
    """

    network: Network
    labelled: Dataset
    epsilon: float
    delta: float
    noise: float
    teachers: int
    queries: int


@checked
def distill_privately(
    data: Dataset,
    arch: Architecture,
    unlabelled: Any,
    *,
    teachers: Positive,
    epsilon: PositiveFloat,
    delta: Chance,
    recipe: Recipe | None = None,
    seed: Seed = 0,
    device: Device = "auto",
) -> PrivateStudent:
    """Trains a student of which each training sample of the data is private, with (ε, δ) (PATE, Papernot et al. 2018).

    Teachers are trained on disjoint parts of the training samples, and vote on the labels of inputs that are public.
    Noise is added to the counts of votes, and the student is trained on nothing but the labels that win. Data sets in
    which one training sample is another one are told apart with (ε, δ) at best, whoever has the student and `labelled`.

    Args:
        data: the private data, of a classification.
        arch: the architecture of teachers and student. It must be public: the result of a search on the same data is
            not.
        unlabelled: public inputs, as for `nas.predict`. Each is labelled once.
        teachers: how many there are; each has as many training samples as the others, or one more.
        epsilon: the greatest ε.
        delta: δ, less than 1 / N for N training samples.
        recipe: of all trainings, without a teacher, patience and noise; None: the default one.
        seed: of all trainings. The noise follows from no seed, so that no one can take it away.
        device: of the trainings.

    Raises:
        UsageError: the data are no classification, were prepared by what is known of the training samples, or are
            streamed; inputs cannot be read; there are too few samples for the teachers; with this ε, even a unanimous
            vote would be lost in noise; or no input gets the label of some class.
        EvaluationFailed: a training failed.
    """
    recipe = replace(recipe or Recipe(), distill=None, patience=None, privacy=None)
    _check(data, arch, teachers, delta)
    given = source_of(unlabelled)
    if not isinstance(given, Unlabelled):
        got = "none" if given is None else f"{type(given).__name__}, which are made"
        raise UsageError(f"unlabelled: expected public inputs, got {got}")
    inputs = given.prepared(data)
    check_augmented([arch], recipe, data.input)
    classes, queries = len(data.outputs), len(inputs)
    multiplier = noise_for(epsilon, delta, queries)
    noise = SENSITIVITY * multiplier
    if error_of_unanimity(noise, teachers, classes) >= USELESS:
        raise UsageError(
            f"epsilon: {epsilon} with delta {delta} takes noise of {noise:.3g} votes for {queries:,} queries, in which "
            f"those of {teachers} teachers are lost; expected more teachers, fewer inputs or a greater epsilon"
        )
    votes = np.array(list(_votes(Workbench(data, device=device), arch, inputs, teachers, recipe, seed)))
    labels = noisy_labels(votes, classes, noise, np.random.default_rng())
    if unseen := [name for place, name in enumerate(data.outputs) if place not in labels]:
        raise UsageError(
            f"the votes give none of {queries:,} inputs the class {few(map(repr, unseen))}; expected public inputs of "
            "each class"
        )
    labelled = from_arrays(inputs, labels, classes=data.outputs, task="classification", name=f"{data.name}, by votes")
    network = fit(Workbench(labelled, device=device), arch, recipe, seed=seed).network
    reached = spent(multiplier, delta, queries)
    return PrivateStudent(network.to("cpu"), labelled, reached, delta, noise, len(votes), queries)


def _check(data: Dataset, arch: Architecture, teachers: int, delta: float) -> None:
    """Raises UsageError for what speaks against a promise, or against the trainings."""
    samples = len(data.train)
    if data.task.name != "classification":
        raise UsageError(f"teachers vote on classes; expected a classification, got a {data.task.name}")
    check_joins(data.train)
    if data.pool.refits:
        raise UsageError(
            f"{data.name} is prepared by what its training samples are like, such as their words or quantiles, which "
            "is not private; expected inputs that are prepared without them"
        )
    if arch.input != data.shape or arch.output != (len(data.outputs),):
        raise UsageError(
            f"arch: expected inputs of {data.shape} and {(len(data.outputs),)} outputs, got {arch.input} and "
            f"{arch.output}"
        )
    if not 2 <= teachers <= samples // 2:
        raise UsageError(f"teachers: expected from 2 to {samples // 2}, so that each has two samples, got {teachers}")
    if delta >= 1 / samples:
        raise UsageError(f"delta: expected less than 1 / {samples:,}, for as many training samples, got {delta}")


def _votes(
    bench: Workbench, arch: Architecture, inputs: NDArray[Any], teachers: int, recipe: Recipe, seed: int
) -> Iterator[NDArray[np.intp]]:
    """The class that each teacher votes for, of each input `(N,)`."""
    parts = np.array_split(np.random.default_rng([seed, 2]).permutation(len(bench.data.train)), teachers)
    batches = torch.split(torch.from_numpy(inputs), SCORING_BATCH // 2)
    for place, rows in enumerate(parts):
        network = fit(bench.view(train=rows), arch, recipe, seed=member_seed(seed, place)).network
        found = []
        with torch.inference_mode(), bench.autocast():
            for batch in batches:
                stop_if_asked()
                found.append(network(batch.to(bench.device)).float().argmax(dim=1).cpu().numpy())
        yield np.concatenate(found)
