"""What is checked with torch before a run begins: whether networks can be built, evaluated and exported on this device.

A run whose networks are trained by worker processes has a worker check this, so that its own process loads no torch
and does not touch CUDA.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nas.data import Dataset
from nas.driver.executors.executor import Executor, Failed, Job
from nas.errors import UsageError
from nas.evaluate import Evaluator
from nas.evaluate.evaluator import known_to
from nas.files import read_bytes
from nas.findings import Findings
from nas.runs.config import RunConfig
from nas.space import Architecture, Space
from nas.space.cover import cover
from nas.training.device import Device, Precision, device_name, pick_device
from nas.training.private.suited import check_private, check_private_networks
from nas.training.recipe import Recipe
from nas.training.trainable import check_distilled
from nas.trial import Metrics, Proposal

Check = Callable[[Sequence[Architecture]], None]
"""Raises UsageError if something speaks against networks."""

CHECK = "check"
"""The stage of the job (`Job.stage`)."""


@dataclass(frozen=True)
class Checks:
    """The evaluator of the stage `CHECK`. What it finds is text, so it leaves a file.

    Attributes:
        evaluator: the evaluator of the run.
        networks: some that contain all layers of the space.
        final: the check of networks for the final stage.
        device: the device for training.
        file: the path of the file: the name of the device, and what `refusals` finds.
    """

    evaluator: Evaluator
    networks: tuple[Architecture, ...]
    final: Check
    device: Device
    file: Path

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        """Checks the networks. Raises UsageError if the device is not available."""
        device = device_name(pick_device(self.device))
        found = {"device": device, "refused": refusals(self.evaluator, self.networks, self.final)}
        self.file.write_text(json.dumps(found), encoding="utf-8")
        return {}


def refusals(
    evaluator: Evaluator | None, networks: Sequence[Architecture], final: Check | None = None
) -> Mapping[str, str]:
    """What speaks against networks: by `evaluator`, what it cannot measure, by `final`, what the final stage cannot
    train, and by `space`, what cannot be exported."""
    from nas.model import check_exportable

    checks = {"evaluator": known_to(evaluator, "check"), "final": final, "space": check_exportable}
    found = {}
    for key, check in checks.items():
        try:
            if check is not None:  # an evaluator may reject networks that it cannot measure
                check(networks)
        except UsageError as error:
            found[key] = str(error)
    return found


def check_final(
    data: Dataset, recipe: Recipe, device: Device, precision: Precision, networks: Sequence[Architecture]
) -> None:
    """Raises UsageError if networks cannot be taught, or trained privately, as the recipe of the final stage says, and
    the errors of `check_distilled` and `check_private`. As in `Train.check`, a device that is not there is not asked.
    """
    check_distilled(recipe, data)
    check_private(recipe, data)
    if not (networks and (recipe.learns or recipe.privacy is not None)):
        return
    import torch

    if device != "cuda" or torch.cuda.is_available():
        from nas.training.teaching import check_teaching
        from nas.training.workbench import Workbench

        bench = Workbench(data, device=device, precision=precision)
        check_teaching(bench, networks, recipe)
        check_private_networks(bench, networks, recipe)


def checks_of(evaluator: Evaluator, space: Space, data: Dataset, config: RunConfig, folder: Path) -> Checks:
    """The checks of a run, which leave their file in a folder."""
    final = partial(check_final, data, config.final.recipe, config.device, config.precision)
    return Checks(evaluator, tuple(cover(space)), final, config.device, folder / "checks.json")


def device_checked(executor: Executor, checks: Checks, config: RunConfig, space: Space) -> str:
    """Has an executor check a run; returns the name of the device that its networks are trained on.

    Raises:
        SpecError: the evaluator cannot measure a network, or a network cannot be exported.
        UsageError: the device is not available, or the process that checked the networks died.
        StorageError: no worker can be started.
    """
    executor.submit(Job(-1, Proposal(checks.networks[0]), 0, stage=CHECK, noted=False))
    (one,) = executor.next()
    if isinstance(one.outcome, Failed):
        raise UsageError(f"the networks of the space cannot be checked: {one.outcome.error()}")
    found = json.loads(read_bytes(checks.file))
    report(found["refused"], config, space).end()
    name: str = found["device"]
    return name


def report(refused: Mapping[str, str], config: RunConfig, space: Space) -> Findings:
    """What `refusals` found, with the places in the files of a run."""
    findings = Findings()
    for key, text in refused.items():
        if key == "space":
            findings.add(space.mark, "", text)
        elif key == "final":
            findings.add(config.places.at(("final",), text), "final", text)
        else:
            path = ("evaluator", config.evaluator.name)
            findings.add(config.places.at(path, text), ".".join(path), text)
    return findings
