"""A stored network for another task, beside the same architecture from scratch."""

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from nas.arguments import NotNegative, Positive, Seed, checked
from nas.data import Dataset
from nas.data.fewer import fewer
from nas.data.prepared_as import prepared_as
from nas.errors import UsageError
from nas.prediction.predictor import load_predictor
from nas.reuse.methods import METHODS, Part, Problem, trained
from nas.reuse.transferred import Figures, Method, Transferred
from nas.reuse.trunk import trunk_of
from nas.tasks import Task
from nas.tasks.metric import Needs
from nas.tasks.metrics import asked_by
from nas.training.device import Device
from nas.training.recipe import FULL_LENGTH, Recipe
from nas.training.tokens import check_tokens
from nas.training.trainable import check_batches
from nas.training.workbench import Workbench

STEPS = 300
"""A training of few samples takes so many steps at least, or it would end before it has converged."""


@checked
def transfer(
    run: str | Path,
    data: Dataset,
    *,
    method: Method = "probe",
    layer: str | None = None,
    samples: Positive | None = None,
    recipe: Recipe = FULL_LENGTH,
    steps: NotNegative = STEPS,
    trunk_rate: Annotated[float, Field(gt=0, le=1)] = 0.1,
    scratch: bool = True,
    seed: Seed = 0,
    device: Device = "auto",
    passphrase: str | None = None,
) -> Transferred:
    """Makes a network for new data of the features of a stored one, and measures what that gains.

    The new data are prepared as those of the network were (`nas.data.prepared_as`); targets and task are new.

    Args:
        run: the folder of a run, one to which its network was exported, or an encrypted export.
        data: the new data set. Its test data are used once, for what is returned.
        method: `probe`: a linear layer on frozen features, by logistic or ridge regression with a penalty that is
            chosen on the validation data. `knn`: the nearest training samples by the cosine of frozen features, whose
            number is chosen likewise; that is no network, so `Transferred.network` is None. `tune`: all layers are
            trained by the recipe, with the trunk at a smaller learning rate.
        layer: the layer whose output is read as features, by its name in `architecture.yaml`; None: what the last
            linear layer reads. Layers behind it are dropped. Maps are pooled by their mean.
        samples: the number of labelled samples that may be used, for training and validation together, drawn at
            random; None: all of them.
        recipe: of fine-tuning, and of the training from scratch.
        steps: its epochs are raised until a training takes so many steps.
        trunk_rate: of `tune`, the learning rate of the trunk as a fraction of that of the recipe, in (0, 1].
        scratch: whether the same architecture is trained from scratch as well, with the same samples, recipe and seed.
        seed: of the draw of samples and of trainings.
        device: `auto`: CUDA, if it is available.
        passphrase: of an encrypted export.

    Raises:
        UsageError: there is no such network, layer or number of samples, the network does not take these data, or the
            recipe is private and the method does not train by it.
        Damaged, IntegrityError, StorageError: a file of the network is corrupt, or cannot be read.
        EvaluationFailed: a training failed.
    """
    predictor = load_predictor(Path(run), passphrase)
    trunk = trunk_of(predictor.network.arch, layer)
    data = prepared_as(data, predictor.intake.preparation)
    if samples is not None:
        data = fewer(data, samples, seed=seed)
    bench = Workbench(data, device=device, metrics=asked_by([data.task.objective], data.task))
    recipe = lengthened(recipe, len(data.train), steps)
    problem = Problem(predictor.network, trunk, bench, recipe, trunk_rate, seed)
    for part, one in data.parts.items():
        check_tokens(problem.arch, one, part)
    check_batches([problem.arch], recipe)
    if recipe.privacy is not None and method != "tune":
        raise UsageError(f"recipe.privacy: {method} is not trained by the recipe; expected the method tune, or null")
    begin = time.perf_counter()
    served = METHODS[method](problem)
    figures, task = _figures(bench, served.outputs, time.perf_counter() - begin)
    compared = None
    if scratch:
        begin = time.perf_counter()
        outputs = problem.outputs(trained(problem))
        compared, _ = _figures(bench, outputs, time.perf_counter() - begin)
    return Transferred(
        run=str(run),
        data=data.name,
        method=method,
        layer=trunk.layer,
        features=trunk.arch.output[0],
        train=len(data.train),
        val=len(data.val),
        test=0 if data.test is None else len(data.test),
        chosen=served.chosen,
        figures=figures,
        scratch=compared,
        task=task,
        intake=data.intake,
        network=served.network,
    )


def lengthened(recipe: Recipe, samples: int, steps: int) -> Recipe:
    """A recipe whose trainings on so many samples take some steps at least."""
    return replace(recipe, epochs=max(recipe.epochs, math.ceil(steps / math.ceil(samples / recipe.batch_size))))


def _figures(bench: Workbench, outputs: Mapping[Part, Tensor], seconds: float) -> tuple[Figures, Task]:
    """The figures of outputs, and the task tuned to them on the validation data."""

    def predict(needs: Needs) -> NDArray[Any]:
        return bench.task.decode(outputs["val"], needs).numpy()

    tuned = bench.tuned(predict, bench.data.val.targets, bench.task.objective.metric.removeprefix("val_"))
    metrics: dict[str, float] = {}
    for part, values in outputs.items():
        judge = bench if part == "val" else tuned
        metrics |= judge.judge(values, torch.from_numpy(bench.data.parts[part].targets), part)
    return Figures(metrics, seconds), tuned.task
