"""A whole comparison: the same runs however they are made, and nothing lost when it is stopped."""

import contextlib
import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nas
from nas.cli import app
from nas.comparison.compare import compare
from nas.comparison.config import ComparisonConfig, load_comparison
from nas.comparison.folder import read_results
from nas.comparison.prepare import prepare_comparison
from nas.controllers import RandomSearch
from nas.driver.lock import exclusive
from nas.errors import IntegrityError, StorageError, UsageError
from nas.events import Event, Notice, RunEnded, StageBegan
from nas.simulation.problem import Problem
from nas.simulation.results import Results
from nas.trial import Proposal
from tests.forked import FORKED, Server, wait_until

ROOT = Path(__file__).parents[2]

quick = pytest.mark.usefixtures("no_drawing")


class Biased(RandomSearch):
    """A controller of one's own, which other processes find by its module."""


class Broken(RandomSearch):
    """Fails at its third proposal of seed 5."""

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        if Broken.armed and rng.bit_generator.seed_seq.entropy == [5, 2]:  # type: ignore[attr-defined]
            raise KeyError("broken")
        return super().ask(rng, pending)

    armed = True


def same(first: Results, second: Results) -> bool:
    """Whether two comparisons hold the same runs, but for the time that controllers took."""
    names = ("row", "observed", "truth", "unseen", "test", "epochs", "seconds", "clock")
    return list(first.runs) == list(second.runs) and all(
        run.ids == second.runs[key].ids
        and all(np.array_equal(getattr(run, n), getattr(second.runs[key], n), equal_nan=True) for n in names)
        for key, run in first.runs.items()
    )


@quick
def test_controllers_that_cut_trainings_off(
    comparison: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    halving = {"asha": {"controller": {"regularized_evolution": {"population": 4}}, "eta": 4}}
    found = compare(
        {
            **comparison,
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


@quick
def test_any_number_of_processes_gives_the_same(comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    found = [compare(load_comparison(comparison_file(), [f"jobs={jobs}"]), out=tmp_path / str(jobs)) for jobs in (1, 2)]
    assert same(found[0].results, found[1].results)
    assert len(found[0].results.runs) == 16
    assert [row.evaluations for row in found[0].rows] == [12, 12]
    assert len(found[0].verdicts) == 1
    assert found[0].to_dict()["verdicts"][0]["sentence"] == found[0].verdicts[0].sentence


@quick
def test_a_run_depends_on_its_own_seed_alone(comparison: Mapping[str, Any], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    many = compare(comparison, out="many").results
    few = compare({**comparison, "seeds": [7, 2, 5, 0, 1, 3]}, out="few").results
    assert many.runs["small", "evolution", 5].ids == few.runs["small", "evolution", 5].ids
    assert few.seeds == (7, 2, 5, 0, 1, 3)


@quick
def test_two_problems_and_more_of_everything_later(
    comparison: Mapping[str, Any], tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    small = {**comparison, "controllers": {"random": "random"}, "seeds": 3}
    compare(small)
    told: list[Event] = []
    grown = {**comparison, "problems": {**comparison["problems"], "again": {"table": "small.npz"}}}
    found = compare(grown, resume=True, on_event=told.append)
    notice, stage, *runs = told
    assert notice == Notice("comparisons/two: 3 of 32 runs are complete", at=notice.at)
    assert stage == StageBegan("run", 32, 3, at=stage.at)
    there = {("small", "random", seed) for seed in range(3)}
    made = [(run.problem, run.controller, run.seed) for run in runs if isinstance(run, RunEnded)]
    assert len(made) == len(runs) == 29
    assert set(made) == set(found.results.runs) - there
    assert same(found.results, compare(grown, out="at_once").results)
    assert same(found.results, read_results("comparisons/two"))


def test_the_page_has_the_delta_of_the_comparison(comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    found = compare(comparison_file(delta=0.37), out=tmp_path / "out")
    assert "within 0.37" in found.report.read_text(encoding="utf-8")


@quick
def test_what_is_finished_is_kept_when_a_run_fails(comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    config = load_comparison(
        comparison_file(controllers={"random": "random", "broken": "broken"}), controllers={"broken": Broken}
    )
    Broken.armed = True
    with pytest.raises(KeyError, match="broken"):
        compare(config, out=tmp_path / "out")
    with pytest.raises(UsageError, match="holds a comparison already"):
        compare(config, out=tmp_path / "out")
    with pytest.raises(UsageError, match=r"\d of 16 runs are missing"):
        read_results(tmp_path / "out")
    Broken.armed = False
    found = compare(config, out=tmp_path / "out", resume=True)
    assert same(found.results, compare(config, out=tmp_path / "other").results)


def test_a_controller_of_ones_own_in_other_processes(comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    path = comparison_file(controllers={"random": "random", "mine": "mine"}, jobs=2)
    with pytest.raises(UsageError, match="this cannot be sent to another process"):
        compare(path, out=tmp_path / "no", controllers={"mine": lambda space: RandomSearch(space)})


@quick
def test_a_changed_comparison_is_refused(comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    compare(comparison_file(), out=tmp_path / "out")
    with pytest.raises(IntegrityError) as caught:
        compare(comparison_file(workers=2, budget={"evaluations": 13}), out=tmp_path / "out", resume=True)
    assert str(caught.value).splitlines() == [
        f"{tmp_path / 'out'}: the comparison was started with other settings",
        "  budget.evaluations: 12 -> 13",
        "  workers: 1 -> 2",
    ]


def test_one_process_at_a_time(comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with exclusive(out / "comparison.json"), pytest.raises(StorageError, match="is in use"):
        compare(comparison_file(), out=out)


@quick
def test_a_folder_of_runs_that_was_cut_off(comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    whole = compare(comparison_file(), out=out).results
    (out / "units" / "small" / "random" / ".0.npz.12345678.tmp").write_bytes(b"half")
    assert same(compare(comparison_file(), out=out, resume=True).results, whole)
    path = out / "units" / "small" / "random" / "0.npz"
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(IntegrityError, match=f"{path} is corrupt: expected"):
        compare(comparison_file(), out=out, resume=True)


def children(process: int) -> list[int]:
    """The processes that a process has begun, and that are still there."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = path.read_text().rpartition(")")
            state, parent, *_ = rest.split()
            if int(parent) == process and state != "Z":
                found.append(int(name.split()[0]))
    return sorted(found)


@quick
@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_killed_again_and_again(comparison_file: Callable[..., Path], tmp_path: Path, server: Server) -> None:
    """A terminal's Ctrl-C goes to all processes, and so do two more here; then one process is killed alone."""
    comparison = comparison_file(seeds=24, budget={"evaluations": 200})
    command = ["compare", str(comparison), "--out", str(tmp_path / "out"), "--jobs", "2", "--resume"]
    units = tmp_path / "out" / "units"
    finished = 0
    for kind in ("SIGINT", "SIGTERM", "SIGKILL", "one"):
        log, kill = tmp_path / kind, signal.SIGKILL if kind == "one" else signal.Signals[kind]
        process = server.begin(*command, log=log, before=FORKED)
        wait_until(lambda before=finished: len(list(units.rglob("[0-9]*.npz"))) > before)  # type: ignore[misc]
        if kind == "one":
            os.kill(children(process)[-1], kill)
        else:
            os.killpg(process, kill)
        code, said = server.end(process), log.read_text()
        finished = len(list(units.rglob("[0-9]*.npz")))
        assert "Traceback" not in said
        if kind == "one":
            assert code == 3, said
            assert said.endswith("nas: a process of the comparison died before its runs were finished\n")
        elif kill is signal.SIGKILL:
            assert code == -kill, said
        else:
            assert code == 128 + kill, said
            assert said.endswith(f"nas: stopped by {kill.name}; what is finished is saved, --resume continues\n")
    assert 4 <= finished < 48
    resumed = compare(comparison, out=tmp_path / "out", resume=True)
    assert same(resumed.results, compare(comparison, out=tmp_path / "whole").results)


@quick
def test_two_comparisons_in_one_folder(
    comparison_file: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one had come to its end when this one got the lock."""
    comparison = comparison_file()
    whole = compare(comparison, out=tmp_path / "out").results
    prepare = prepare_comparison

    def late(config: ComparisonConfig) -> Mapping[str, Problem]:
        (tmp_path / "kept").rename(tmp_path / "out")
        return prepare(config)

    (tmp_path / "out").rename(tmp_path / "kept")
    monkeypatch.setattr("nas.comparison.compare.prepare_comparison", late)
    with pytest.raises(UsageError, match="holds a comparison already"):
        compare(comparison, out=tmp_path / "out")
    assert same(read_results(tmp_path / "out"), whole)


def test_the_public_name(comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    assert nas.compare is compare
    config = load_comparison(comparison_file())
    with pytest.raises(UsageError, match="must be given to load_comparison"):
        nas.compare(config, controllers={"mine": Biased})


def test_the_command(comparison_file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [
        "compare",
        str(comparison_file()),
        "--out",
        str(tmp_path / "out"),
        "--seeds",
        "6",
        "--jobs",
        "1",
        "--quiet",
    ]
    app([*options, "--json"], standalone_mode=False)
    out, errors = capsys.readouterr()
    found = json.loads(out)
    assert errors == ""
    assert list(found) == [
        "name", "folder", "report", "budget", "workers", "seeds", "summary", "verdicts", "verdicts_on_problems",
        "notes",
    ]  # fmt: skip
    assert (found["budget"], found["seeds"]) == ({"evaluations": 12}, [0, 1, 2, 3, 4, 5])
    assert [row["controller"] for row in found["summary"]] == ["random", "evolution"]
    app([*options, "--resume"], standalone_mode=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2] == found["verdicts"][0]["sentence"] + "."
    assert lines[-1].startswith("12 runs. The results ")
    assert lines[-1].endswith(f"in {tmp_path / 'out'}")


def test_training(tmp_path: Path) -> None:
    comparison = {
        "name": "trained",
        "controllers": {"random": "random"},
        "problems": {
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
    found = compare(comparison, out=tmp_path / "out")
    run = found.results.runs["digits", "random", 0]
    assert run.epochs.tolist() == [1, 1]
    assert np.isnan(run.truth).all()
    assert (run.seconds > 0).all()
    assert found.verdicts == ()
    assert found.rows[0].within is None
    assert same(found.results, read_results(tmp_path / "out"))
