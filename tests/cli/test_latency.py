"""`nas latency`: a table is written, and a search can use it."""

import json
from pathlib import Path

import pytest

from nas.hardware import latency
from nas.hardware.operators import read_operators
from tests.cli.conftest import Command


def test_a_table_is_written(nas: Command, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "SECONDS", 0.0)
    monkeypatch.setattr(latency, "WARM_UP_SECONDS", (0.0, 0.0))
    space, out = str(small.with_name("space.yaml")), small.with_name("latencies.json")
    options = [space, "--networks", "0", "--held-out", "3", "--device", "cpu", "--out", str(out), "--quiet"]
    done = nas("latency", *options)
    assert (done.code, done.err) == (0, "")
    table = read_operators(out)
    assert done.out.startswith(
        f"{out}: {len(table.milliseconds)} layers of tiny on cpu (1 thread)\nOn 3 whole networks"
    )
    found = json.loads(nas("latency", *options, "--json").out)
    assert (found["file"], found["layers"], found["error"]["networks"]) == (str(out), len(table.milliseconds), 3)


def test_a_device_that_does_not_exist(nas: Command, small: Path) -> None:
    done = nas("latency", str(small.with_name("space.yaml")), "--device", "gpu")
    assert done.code == 2
    assert "--device is 'gpu', expected auto, cpu, cuda" in done.err
