"""The process: what cannot be used, exit codes, signals."""

import json
import os
import signal
from pathlib import Path

import pytest

from nas.errors import Damaged, Diagnostic, IntegrityError, Mark, NoValidTrial, SpecError, StorageError, UsageError
from nas.interrupt import Stopped
from nas.manifest import Manifest
from tests.cli.conftest import Command, Outcome
from tests.forked import Server, read, wait_until
from tests.tiny_run import contents


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serach"], "No such command 'serach'"),
        (["search"], "Missing argument"),
        (["search", "tiny.yaml", "--trails", "3"], "No such option: --trails"),
        (["search", "tiny.yaml", "--trials", "many"], "Invalid value for '--trials'"),
        (["search", "none.yaml"], "nas: none.yaml: there is no such file"),
        (["search", "tiny.yaml", "budget.trials"], "argument 'budget.trials': this is not an override"),
        (["search", "tiny.yaml", "budget.trails=3"], "no such key: 'trails'"),
        (["search", "tiny.yaml", "--trials", "0"], "option '--trials 0': budget.trials: a value"),
        (["search", "tiny.yaml", "--seed", "-1"], "option '--seed -1': seed: a value does not fit"),
        (["search", "tiny.yaml", "--device", "tpu"], "option '--device tpu': device: a value does not fit"),
        (["search", "tiny.yaml", "controller.random.epsilon=1"], "no such key: 'epsilon'"),
        (
            ["search", "tiny.yaml", "controller={q_learning: {n_step: 2, td_lambda: 1}}"],
            ": controller.q_learning: n_step must be 1 where td_lambda is above 0",
        ),
        (["search", "tiny.yaml", "data={npz: {path: none.npz}}"], "none.npz: there is no such file"),
        (["describe", "none.yaml"], "nas: none.yaml: there is no such file"),
        (["describe", "tiny.yaml"], "tiny.yaml:3:1: no such key: 'space'"),
        (["describe", "space.yaml", "--samples", "0"], "Invalid value for '--samples'"),
        (["describe", "space.yaml", "--arch", "none.yaml"], "nas: none.yaml: there is no such file"),
        (["describe", "space.yaml", "--arch", "space.yaml"], "space.yaml:2:1: not the decisions of an architecture"),
        (["describe", "space.yaml", "--arch", "tiny.yaml"], "tiny.yaml:2:1: not the decisions of an architecture"),
        (["validate", "none.yaml"], "nas: none.yaml: there is no such file"),
        (["validate", "."], "nas: "),
        (["validate"], "Missing argument"),
        (["schema"], "Missing argument"),
        (["schema", "spaces"], "there is no schema of 'spaces', but of space, run, comparison; did you mean 'space'?"),
        (["report", "none"], "nas: none holds no run"),
        (["report", "tiny.yaml"], "nas: tiny.yaml holds no run"),
        (["export", "none"], "nas: none: there is no such folder; expected that of a run, or of an exported network"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_usage(arguments: list[str], message: str, small: Path, nas: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small.parent)
    before = contents(small.parent)
    done = nas(*arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert contents(small.parent) == before
    assert {path.name for path in small.parent.iterdir()} == set(before), "no folder is made"


def noted(error: BaseException, note: str) -> BaseException:
    error.add_note(note)
    return error


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (NoValidTrial("all 3 trials failed:\n  3 × CRASH"), 1, "all 3 trials failed:\n  3 × CRASH\n"),
        (UsageError("run holds a run already"), 2, "nas: run holds a run already\n"),
        (SpecError([Diagnostic(Mark("r.yaml", 2, 1), "seed", "no")]), 2, "r.yaml:2:1: seed: no\n"),
        (StorageError("study.db is in use"), 3, "nas: study.db is in use\n"),
        (IntegrityError("seed: 0 -> 7"), 4, "nas: seed: 0 -> 7\n"),
        (noted(Damaged("study.db is cut off"), "nas repair run"), 4, "nas: study.db is cut off\nnas repair run\n"),
        (Stopped(signal.SIGTERM, resumable=True), 143, "nas: stopped by SIGTERM; what is finished is saved, --resume "),
        (OSError(28, "No space left on device"), 3, "nas: the output cannot be written: No space left on device\n"),
        (OSError(28, "No space left on device", "a"), 3, "nas: a: No space left on device\n"),
        (BrokenPipeError(), 1, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_exit_codes(
    error: BaseException, code: int, said: str, small: Path, nas: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a run raises is told on standard error, and scripts rely on the code."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("nas.runs.run.run", fail)
    done = nas("search", small)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(said) if said else not done.err


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals(signum: signal.Signals, code: int, small: Path, tmp_path: Path, nas: Command, server: Server) -> None:
    arguments, log = ["search", str(small), "--out", str(tmp_path / "run")], tmp_path / "log"
    process = server.begin(*arguments, "--trials", "100000", log=log, out=tmp_path / "out")
    wait_until(lambda: "trial 3/" in read(log))
    os.kill(process, signum)
    assert server.end(process) == code
    *_, last = log.read_text().splitlines()
    assert last == f"nas: stopped by {signum.name}; what is finished is saved, --resume continues"
    assert "Traceback" not in log.read_text()
    Manifest(tmp_path / "run").verify()
    done = nas(*arguments, "--resume", "--quiet", "--json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["trials"] >= 3


def test_describe_stopped(small: Path, nas: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, and there is nothing to go on with."""
    monkeypatch.setattr("nas.space.drawing.show.show_space", lambda *_, **__: signal.raise_signal(signal.SIGINT))
    assert nas("describe", small.parent / "space.yaml", "--samples", 5) == Outcome(130, "", "nas: stopped by SIGINT\n")
