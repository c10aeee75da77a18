"""The command, called in this process, and files for it."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from nas.cli import main

SPACE = """
name: tiny
input: [1, 8, 8]
outputs: 10
layers:
  - name: pool
    choice: [identity, {avg_pool: {kernel: 2}}]
  - flatten
  - linear: {units: {choice: [4, 8, 16]}}
  - linear: {units: outputs}
"""


CONFIG = """
name: tiny
space: space.yaml
data: digits
controller: random
evaluator: {train: {epochs: 1, lr: 0.01}}
budget: {trials: 3}
final: {top: 1, epochs: 1, lr: 0.01}
device: cpu
workers: in_process
"""


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """Networks this small are trained fastest on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A run file, and beside it a space of six networks."""
    (tmp_path / "space.yaml").write_text(SPACE)
    (tmp_path / "tiny.yaml").write_text(CONFIG)
    return tmp_path / "tiny.yaml"


@pytest.fixture
def nas(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in this process."""

    def call(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["nas", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfd.readouterr()
        for text in (out, err):
            assert "Traceback" not in text
        code = end.value.code or 0
        assert isinstance(code, int)
        return Outcome(code, out, err)

    return call
