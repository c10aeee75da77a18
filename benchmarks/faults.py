"""Faults that are injected into searches, ours and Optuna's: what is survived, and what is lost.

    python benchmarks/faults.py [FAULT ...]

`faulty_search.py` is the search: ten trials, of which the fifth goes wrong. It runs in a process of its own. If that
ends before the search is complete, it is started again after three seconds, as by a shell loop, but at most six times.
If it is not at its end after `LONGEST` seconds, it counts as hanging; it is killed, and started again. Recorded are:

* `starts`: how often the process was started, and `hung`, how often it hung.
* `exit_codes`: of each start.
* `complete`, `failed`, `unfinished`: the trials at the end by state, and `cause`, the recorded reason of the fifth.
* `others_equal`: whether the other nine trials have the networks and the scores of the undisturbed search.
* `faulty_equal`: whether the fifth has. Where a candidate itself is at fault, it cannot.
* `orphans`: processes that were left after the process of the search had ended, before it was started again.

Optuna runs trials in the process of the search. Its trials are matched by their parameters, since a retried trial has
another number. Written to benchmarks/results/faults.json.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import optuna

import nas
from faulty_search import FAULTY, SPACE, TRIALS
from record import write_result

FAULTS = (
    "undisturbed",
    "worker killed",
    "worker killed at its first step",
    "driver killed",
    "SIGTERM to the driver",
    "stopped and continued",
    "segmentation fault",
    "exit in C code",
    "sys.exit",
    "KeyError in an op",
    "out of memory",
    "endless loop with a grandchild",
    "NaN",
)
SYSTEMS = ("archwright", "optuna")
LONGEST = 45.0
STARTS = 6
MARK = "ARCHWRIGHT_FAULTS"
"""A variable in the environment of all processes of a search, by which those that are left are found."""


def left(mark: str) -> list[int]:
    """The processes of a search that run; zombies do not."""
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            try:
                environment = (path / "environ").read_bytes()
                state = (path / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if f"{MARK}={mark}".encode() in environment.split(b"\0") and state != "Z":
                found.append(int(path.name))
    return found


def run_once(system: str, fault: str, folder: Path) -> tuple[int | None, int]:
    """One start: its exit code, None if it hung, and the number of orphans that it left."""
    mark = str(folder)
    note = folder / "note"
    before = note.exists()
    script = Path(__file__).with_name("faulty_search.py")
    process = subprocess.Popen(
        [sys.executable, str(script), system, fault, str(folder)],
        env={**os.environ, MARK: mark, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    signum = {"driver killed": signal.SIGKILL, "SIGTERM to the driver": signal.SIGTERM}.get(fault)
    until = time.monotonic() + LONGEST
    code: int | None = None
    while time.monotonic() < until and code is None:
        if signum is not None and not before and note.exists():
            time.sleep(0.1)
            process.send_signal(signum)
            signum = None
        code = process.poll()
        time.sleep(0.05)
    if code is None:
        process.kill()
        process.wait()
    time.sleep(2)  # for what ends with the process
    orphans = left(mark)
    for pid in orphans:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return code, len(orphans)


def table_of_ours(folder: Path) -> tuple[dict[str, Any], dict[int, Any]]:
    """States and causes of our trials, and each by its number."""
    space = nas.load_space(SPACE)
    study = nas.read_study(folder / "study.db", name="s", space=space).trials
    rows = {trial.number: (trial.architecture.id, trial.score) for trial in study}
    failed = [trial for trial in study if trial.error is not None]
    faulty = [trial.error for trial in study if trial.number == FAULTY]
    counts = {"complete": len(study) - len(failed), "failed": len(failed), "unfinished": TRIALS - len(study)}
    return {**counts, "cause": faulty[0] if faulty else None}, rows


def table_of_optuna(folder: Path, known: Mapping[int, Any] | None) -> tuple[dict[str, Any], dict[int, Any]]:
    """The same of Optuna's. A trial has the number of the undisturbed one with its parameters."""
    study = optuna.load_study(study_name="s", storage=f"sqlite:///{folder}/study.db")
    states = optuna.trial.TrialState
    numbers = {row[0]: number for number, row in (known or {}).items()}
    rows: dict[int, Any] = {}
    for trial in study.trials:
        key = tuple(sorted((name, str(value)) for name, value in trial.params.items()))
        number = trial.number if known is None else numbers.get(key, -1)
        if trial.state == states.COMPLETE:
            rows[number] = (key, trial.value)
        elif number == FAULTY:
            rows.setdefault(number, (key, None))
    counts = {
        "complete": sum(trial.state == states.COMPLETE for trial in study.trials),
        "failed": sum(trial.state == states.FAIL for trial in study.trials),
        "unfinished": sum(trial.state in (states.RUNNING, states.WAITING) for trial in study.trials),
    }
    return {**counts, "cause": None}, rows


def measure(system: str, fault: str, undisturbed: Mapping[int, Any] | None) -> tuple[dict[str, Any], dict[int, Any]]:
    """What a fault does to a search."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        codes: list[int | None] = []
        orphans = 0
        while len(codes) < STARTS and (not codes or codes[-1] != 0 or unfinished(system, folder)):
            if codes:
                time.sleep(3)
            code, more = run_once(system, fault, folder)
            codes.append(code)
            orphans += more
        if system == "archwright":
            found, rows = table_of_ours(folder)
        else:
            found, rows = table_of_optuna(folder, undisturbed)
    result = {
        "starts": len(codes),
        "hung": codes.count(None),
        "exit_codes": codes,
        **found,
        "orphans": orphans,
    }
    if undisturbed is not None:
        result["others_equal"] = all(rows.get(n) == undisturbed[n] for n in range(TRIALS) if n != FAULTY)
        result["faulty_equal"] = rows.get(FAULTY) == undisturbed[FAULTY]
    return result, rows


def unfinished(system: str, folder: Path) -> bool:
    """Whether a search that ended with exit code 0 has not all its trials."""
    found = table_of_ours(folder)[0] if system == "archwright" else table_of_optuna(folder, None)[0]
    return int(found["complete"]) + int(found["failed"]) < TRIALS


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faults", nargs="*", default=list(FAULTS))
    chosen: Sequence[str] = parser.parse_args().faults
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    found: dict[str, dict[str, Any]] = {fault: {} for fault in chosen}
    for system in SYSTEMS:
        undisturbed: dict[int, Any] | None = None
        for fault in dict.fromkeys(["undisturbed", *chosen]):
            result, rows = measure(system, fault, undisturbed)
            undisturbed = undisturbed or rows
            found.setdefault(fault, {})[system] = result
            print(system, fault, result, sep=": ", flush=True)
    print(write_result("faults", {"trials": TRIALS, "longest_seconds": LONGEST, "faults": found}))


if __name__ == "__main__":
    main()
