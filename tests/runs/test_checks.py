"""What torch has to check before a run begins is checked by a worker, and told with its place."""

from dataclasses import replace
from pathlib import Path

import pytest

from nas.distillation import Distill, Hints
from nas.distillation.teacher import Teacher
from nas.driver.executors.serial import Serial
from nas.errors import SpecError, UsageError
from nas.evaluate import Train
from nas.evaluate.staged import Staged
from nas.model import Network, exportable
from nas.runs.checks import CHECK, checks_of, device_checked, refusals
from nas.runs.prepare import make_space
from nas.space import Architecture
from nas.space.cover import cover
from nas.training import Recipe
from nas.training.device import device_name, pick_device
from nas.trial import Metrics
from tests.runs.conftest import Ended
from tests.tiny_run import start


def refuse(*arguments: object) -> None:
    raise UsageError("on purpose")


def test_what_is_found_is_told_with_its_place(ended: Ended, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space, train = make_space(ended.config, ended.data), Train(ended.data, device="cpu")
    checks = checks_of(train, space, ended.data, ended.config, tmp_path)
    executor = Serial(Staged(train, {CHECK: checks}))
    assert device_checked(executor, checks, ended.config, space) == device_name(pick_device("cpu"))
    assert refusals(train, checks.networks) == {}
    monkeypatch.setattr(Train, "check", refuse)
    monkeypatch.setattr(exportable, "module_source", refuse)
    assert refusals(train, checks.networks) == {"evaluator": "on purpose", "space": "on purpose"}
    assert refusals(None, checks.networks) == {"space": "on purpose"}
    with pytest.raises(SpecError) as caught:
        device_checked(executor, checks, ended.config, space)
    assert [(problem.path, problem.message) for problem in caught.value.problems] == [
        ("evaluator.train", "on purpose"),
        ("", "on purpose"),
    ]
    assert caught.value.problems[1].mark.file.endswith("tiny_space.yaml")


def test_layers_that_the_final_stage_cannot_teach_are_told(ended: Ended, tmp_path: Path) -> None:
    space, train = make_space(ended.config, ended.data), Train(ended.data, device="cpu")
    teacher = Network(next(iter(cover(space)))).eval()
    distill = Distill(teacher=Teacher(teacher), by=(Hints(layers={"conv9": "conv1"}),))
    final = replace(ended.config.final, recipe=Recipe(distill=distill))
    config = replace(ended.config, final=final)
    checks = checks_of(train, space, ended.data, config, tmp_path)
    with pytest.raises(SpecError, match=r"final: distill\.by\.hints\.layers: the student has no features 'conv9'"):
        device_checked(Serial(Staged(train, {CHECK: checks})), checks, config, space)


def test_a_network_that_ends_its_process_is_told(ended: Ended, tmp_path: Path) -> None:
    def dies(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        raise SystemExit(3)

    space = make_space(ended.config, ended.data)
    checks = checks_of(Train(ended.data), space, ended.data, ended.config, tmp_path)
    with pytest.raises(UsageError, match=r"^the networks of the space cannot be checked: CRASH: "):
        device_checked(Serial(Staged(dies, {CHECK: dies})), checks, ended.config, space)


def test_a_run_that_is_refused_writes_nothing(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(exportable, "module_source", refuse)
        with pytest.raises(SpecError, match=r"space\.yaml:.*on purpose"):
            start(config, out=tmp_path / "run")
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(UsageError, match="device 'cuda' was requested"):
        start(config, "device=cuda", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
