"""`nas proxies`: networks that are trained and compared, and options that do not fit."""

import json
from pathlib import Path

from tests.cli.conftest import Command


def test_proxies_are_correlated_with_trainings(nas: Command, small: Path) -> None:
    space = str(small.with_name("space.yaml"))
    options = ["--data", "digits", "--evaluator", "{train: {epochs: 1, lr: 0.01}}", "--trials", "6"]
    log = ["--workers", "in_process", "--device", "cpu", "--study", str(small.with_name("proxies.db"))]
    done = nas("proxies", space, *options, *log, "--json", "--quiet")
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert (found["space"], found["quality"], found["networks"], found["failed"]) == ("tiny", "val_acc", 6, 0)
    assert {"params", "macs", "synflow", "zico"} <= {one["name"] for one in found["proxies"]}
    again = nas("proxies", space, *options, *log, "--quiet")
    assert again.out.startswith("tiny: 6 networks\nRank correlation with val_acc (trained here)")
    other = nas("proxies", space, *options, *log, "--seed", "1", "--quiet")
    assert other.code == 4
    assert "seed" in other.err


def test_options_that_do_not_fit(nas: Command, small: Path) -> None:
    space = str(small.with_name("space.yaml"))
    for arguments, message in (
        ([space, "--data", "digits", "--device", "gpu"], "--device is 'gpu', expected auto, cpu, cuda"),
        ([space], "a space file needs --data"),
        ([], "name either a space file or --table"),
        ([space, "--data", "digit"], "did you mean 'digits'?"),
    ):
        done = nas("proxies", *arguments)
        assert done.code == 2
        assert message in done.err
