"""What the numbers of a training depend on."""

import json
import platform

import pytest
import torch

from nas.training.device import threads
from nas.training.numerics import numerics, processor

CPU = torch.device("cpu")


def test_what_trainings_on_this_machine_share() -> None:
    found = numerics(CPU)
    assert json.loads(json.dumps(found)) == found == numerics(CPU)
    assert (found["device"], found["torch"]) == ("cpu", torch.__version__)
    assert found["processor"]


def test_threads_and_switches_matter() -> None:
    with threads(1):
        one = numerics(CPU)
    with threads(2):
        assert numerics(CPU) != one
    with threads(1):
        assert numerics(CPU) == one
        torch.set_float32_matmul_precision("high")
        try:
            assert numerics(CPU) != one
        finally:
            torch.set_float32_matmul_precision("highest")


def test_a_machine_that_does_not_name_its_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr("pathlib.Path.read_text", missing)
    processor.cache_clear()
    assert processor() == (platform.processor() or platform.machine())
    processor.cache_clear()
