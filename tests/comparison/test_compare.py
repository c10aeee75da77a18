"""A whole comparison: the same runs however they are made, and nothing lost when it is stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nas
from nas.cli import app
from nas.comparison.compare import compare
from nas.comparison.config import load_comparison
from nas.comparison.folder import read_results
from nas.comparison.results import Results
from nas.controllers import RandomSearch
from nas.driver.lock import exclusive
from nas.errors import IntegrityError, StorageError, UsageError
from nas.progress import Display
from nas.trial import Proposal

ROOT = Path(__file__).parents[2]


class Biased(RandomSearch):
    """A controller of one's own, which other processes find by its module."""


class Broken(RandomSearch):
    """Fails at its third proposal of seed 5."""

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        if Broken.armed and rng.bit_generator.seed_seq.entropy == [5, 2]:  # type: ignore[attr-defined]
            raise KeyError("broken")
        return super().ask(rng, pending)

    armed = True


class Told(Display):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def start(self, stage: str, total: int, done: int = 0) -> None:
        self.lines.append(f"{stage} {done}/{total}")

    def step(self, text: str, headline: str = "") -> None:
        self.lines.append(text)

    def say(self, text: str) -> None:
        self.lines.append(text)


def same(first: Results, second: Results) -> bool:
    """Whether two comparisons hold the same runs, but for the time that controllers took."""
    names = ("row", "observed", "truth", "unseen", "test", "epochs", "seconds", "clock")
    return list(first.runs) == list(second.runs) and all(
        run.ids == second.runs[key].ids
        and all(np.array_equal(getattr(run, n), getattr(second.runs[key], n), equal_nan=True) for n in names)
        for key, run in first.runs.items()
    )


def test_controllers_that_cut_trainings_off(
    study: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    halving = {"asha": {"controller": {"regularized_evolution": {"population": 4}}, "eta": 4}}
    found = compare(
        {
            **study,
            "controllers": {
                "random": "random",
                "asha": halving,
                "hyperband": {"hyperband": {"controller": "random", "eta": 4}},
            },
            "budget": {"epochs": 40},
            "seeds": 8,
        },
        out=tmp_path / "out",
    )
    runs = read_results(tmp_path / "out").runs
    assert {key: run.ids for key, run in runs.items()} == {key: run.ids for key, run in found.results.runs.items()}
    for (_, controller, _), run in runs.items():
        assert set(run.trained) == ({4} if controller == "random" else {1, 4})
        assert run.epochs.sum() <= 40
        # The table's budgets are trainings of their own: what is promoted costs all epochs.
        assert run.epochs.tolist() == run.trained.tolist()
    header = (tmp_path / "out" / "results.csv").read_text().splitlines()[0]
    assert header.endswith("test,trained,epochs,seconds,clock,own_seconds")


def test_any_number_of_processes_gives_the_same(study_file: Callable[..., Path], tmp_path: Path) -> None:
    found = [compare(load_comparison(study_file(), [f"jobs={jobs}"]), out=tmp_path / str(jobs)) for jobs in (1, 2, 3)]
    assert same(found[0].results, found[1].results)
    assert same(found[0].results, found[2].results)
    assert len(found[0].results.runs) == 16
    assert [row.evaluations for row in found[0].rows] == [12, 12]
    assert len(found[0].verdicts) == 1
    assert found[0].to_dict()["verdicts"][0]["sentence"] == found[0].verdicts[0].sentence


def test_a_run_depends_on_its_own_seed_alone(study: Mapping[str, Any], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    many = compare(study, out="many").results
    few = compare({**study, "seeds": [7, 2, 5, 0, 1, 3]}, out="few").results
    assert many.runs["small", "evolution", 5].ids == few.runs["small", "evolution", 5].ids
    assert few.seeds == (7, 2, 5, 0, 1, 3)


def test_two_tasks_and_more_of_everything_later(study: Mapping[str, Any], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    small = {**study, "controllers": {"random": "random"}, "seeds": 3}
    compare(small)
    told = Told()
    grown = {**study, "tasks": {**study["tasks"], "again": {"table": "small.npz"}}}
    found = compare(grown, resume=True, display=told)
    assert told.lines[:2] == ["comparisons/two: 3 of 32 runs are there already", "run 3/32"]
    assert len(told.lines) == 2 + 29
    assert same(found.results, compare(grown, out="at_once").results)
    assert same(found.results, read_results("comparisons/two"))


def test_the_page_has_the_delta_of_the_study(study_file: Callable[..., Path], tmp_path: Path) -> None:
    found = compare(study_file(delta=0.37), out=tmp_path / "out")
    assert "within 0.37" in found.report.read_text(encoding="utf-8")


def test_what_is_finished_is_kept_when_a_run_fails(study_file: Callable[..., Path], tmp_path: Path) -> None:
    config = load_comparison(
        study_file(controllers={"random": "random", "broken": "broken"}), controllers={"broken": Broken}
    )
    Broken.armed = True
    with pytest.raises(KeyError, match="broken"):
        compare(config, out=tmp_path / "out")
    with pytest.raises(UsageError, match="holds a comparison already; --resume goes on with it, --out names another"):
        compare(config, out=tmp_path / "out")
    with pytest.raises(UsageError, match=r"\d of 16 runs are missing"):
        read_results(tmp_path / "out")
    Broken.armed = False
    found = compare(config, out=tmp_path / "out", resume=True)
    assert same(found.results, compare(config, out=tmp_path / "other").results)


def test_a_controller_of_ones_own_in_other_processes(study_file: Callable[..., Path], tmp_path: Path) -> None:
    path = study_file(controllers={"random": "random", "mine": "mine"}, jobs=2)
    with pytest.raises(UsageError, match="this cannot be sent to another process"):
        compare(path, out=tmp_path / "no", controllers={"mine": lambda space: RandomSearch(space)})


def test_a_changed_study_is_refused(study_file: Callable[..., Path], tmp_path: Path) -> None:
    compare(study_file(), out=tmp_path / "out")
    with pytest.raises(IntegrityError) as caught:
        compare(study_file(workers=2, budget={"evaluations": 13}), out=tmp_path / "out", resume=True)
    assert str(caught.value).splitlines() == [
        f"{tmp_path / 'out'}: the comparison was begun with something else",
        "  budget.evaluations: 12 -> 13",
        "  workers: 1 -> 2",
    ]


def test_one_process_at_a_time(study_file: Callable[..., Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with exclusive(out / "study.json"), pytest.raises(StorageError, match="is in use"):
        compare(study_file(), out=out)


def test_a_folder_of_runs_that_was_cut_off(study_file: Callable[..., Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    whole = compare(study_file(), out=out).results
    (out / "units" / "small" / "random" / ".0.npz.12345678.tmp").write_bytes(b"half")
    assert same(compare(study_file(), out=out, resume=True).results, whole)
    path = out / "units" / "small" / "random" / "0.npz"
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(IntegrityError, match=f"{path} is corrupt: expected"):
        compare(study_file(), out=out, resume=True)


def test_killed_again_and_again(study_file: Callable[..., Path], tmp_path: Path) -> None:
    """A terminal's Ctrl-C goes to all processes; so do the other two here."""
    study = study_file(seeds=60, budget={"evaluations": 300})
    command = [sys.executable, "-m", "nas.cli", "compare", str(study), "--out", str(tmp_path / "out"), "--jobs", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    units = tmp_path / "out" / "units"
    finished = 0
    for kill in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        process = subprocess.Popen(
            [*command, "--resume"],
            stderr=subprocess.PIPE,
            env=environment,
            cwd=tmp_path,
            text=True,
            start_new_session=True,
        )
        until = time.monotonic() + 600
        while time.monotonic() < until and len(list(units.rglob("[0-9]*.npz"))) == finished:
            time.sleep(0.02)
        os.killpg(process.pid, kill)
        _, errors = process.communicate(timeout=600)
        finished = len(list(units.rglob("[0-9]*.npz")))
        if kill is signal.SIGKILL:
            assert process.returncode == -kill, errors
        else:
            assert process.returncode == 128 + kill, errors
            assert errors.endswith(f"nas: stopped by {kill.name}; finished trials are saved, --resume continues\n")
            assert "Traceback" not in errors
    assert 3 <= finished < 12
    resumed = compare(study, out=tmp_path / "out", resume=True)
    assert same(resumed.results, compare(study, out=tmp_path / "whole").results)


def test_the_public_name(study_file: Callable[..., Path], tmp_path: Path) -> None:
    assert nas.compare is compare
    config = load_comparison(study_file())
    with pytest.raises(UsageError, match="are given to load_comparison"):
        nas.compare(config, controllers={"mine": Biased})


def test_the_command(study_file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["compare", str(study_file()), "--out", str(tmp_path / "out"), "--seeds", "6", "--jobs", "1", "--quiet"]
    app([*options, "--json"], standalone_mode=False)
    out, errors = capsys.readouterr()
    found = json.loads(out)
    assert errors == ""
    assert list(found) == [
        "name", "folder", "report", "budget", "workers", "seeds", "summary", "verdicts", "verdicts_on_tasks", "notes",
    ]  # fmt: skip
    assert (found["budget"], found["seeds"]) == ({"evaluations": 12}, [0, 1, 2, 3, 4, 5])
    assert [row["controller"] for row in found["summary"]] == ["random", "evolution"]
    app([*options, "--resume"], standalone_mode=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2] == found["verdicts"][0]["sentence"] + "."
    assert lines[-1].startswith("12 runs; the results ")
    assert lines[-1].endswith(f"in {tmp_path / 'out'}")


def test_training(tmp_path: Path) -> None:
    study = {
        "name": "trained",
        "controllers": {"random": "random"},
        "tasks": {
            "digits": {
                "space": str(ROOT / "search_spaces" / "digits_cnn.yaml"),
                "data": "digits",
                "evaluator": {"train": {"epochs": 1}},
                "device": "cpu",
            }
        },
        "budget": {"epochs": 2},
        "seeds": 1,
    }
    found = compare(study, out=tmp_path / "out")
    run = found.results.runs["digits", "random", 0]
    assert run.epochs.tolist() == [1, 1]
    assert np.isnan(run.truth).all()
    assert (run.seconds > 0).all()
    assert found.verdicts == ()
    assert found.rows[0].within is None
    assert same(found.results, read_results(tmp_path / "out"))
