"""A search of ten trials in which something goes wrong in the fifth, for `faults.py`.

    python benchmarks/faulty_search.py archwright|optuna FAULT FOLDER

Both systems search the same space at random with the same objective, which takes 0.2 seconds and follows from the
network. Both log to SQLite in the folder, and go on with what is there. Each has the settings that its documentation
names for failures: Archwright's are defaults, but for the limits. Optuna has a heartbeat with a callback that retries
stale trials, catches all exceptions of an objective, and limits its process to the same memory.
"""

import ctypes
import math
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import optuna

import nas
from nas.driver.seeds import trial_seed
from nas.space import Value
from nas.trial import Metrics
from overhead import free_evaluator

SPACE = Path(__file__).parents[1] / "search_spaces" / "digits_cnn.yaml"
TRIALS = 10
FAULTY = 4
GIB = 2**30
LIMITS = nas.EvaluationLimits(seconds=5, memory_gib=2)


def score(arch: nas.Architecture) -> float:
    """What is searched for."""
    found = free_evaluator(arch, epochs=None, seed=0)["val_acc"]
    assert isinstance(found, float)  # noqa: S101  for the type checker
    return found


def go_wrong(fault: str, folder: Path) -> float | None:
    """Does what the fault says; a value in place of the score, if there is one."""
    note = folder / "note"
    first = not note.exists()
    note.write_text(str(os.getpid()))
    if fault == "undisturbed":
        return None
    if fault in ("worker killed", "worker killed at its first step"):
        if first:
            time.sleep(0.1 if fault == "worker killed" else 0)
            os.kill(os.getpid(), signal.SIGKILL)
    elif fault in ("driver killed", "SIGTERM to the driver"):
        if first:
            time.sleep(30)  # faults.py does it
    elif fault == "stopped and continued":
        if first:
            subprocess.Popen(["sh", "-c", f"sleep 4; kill -CONT {os.getpid()}"], start_new_session=True)
            os.kill(os.getpid(), signal.SIGSTOP)
    elif fault == "segmentation fault":
        ctypes.string_at(0)
    elif fault == "exit in C code":
        ctypes.CDLL(None)._exit(0)
    elif fault == "sys.exit":
        sys.exit("enough")
    elif fault == "KeyError in an op":
        raise KeyError("width")
    elif fault == "out of memory":
        return float(len(bytearray(4 * GIB)))
    elif fault == "endless loop with a grandchild":
        subprocess.Popen(["sleep", "600"])
        while True:
            time.sleep(0.01)
    elif fault == "NaN":
        return math.nan
    else:
        raise ValueError(f"no such fault: {fault}")
    return None


@dataclass(frozen=True)
class Evaluate:
    """The evaluator."""

    fault: str
    folder: Path

    def __call__(self, arch: nas.Architecture, *, epochs: int | None, seed: int) -> Metrics:
        time.sleep(0.2)
        found = go_wrong(self.fault, self.folder) if seed == trial_seed(0, FAULTY) else None
        return {"val_acc": score(arch) if found is None else found}


def with_archwright(fault: str, folder: Path) -> None:
    """Our search, with two workers."""
    from nas.interrupt import orderly, stoppable

    space = nas.load_space(SPACE)
    opened = nas.OptunaStudy.open(
        folder / "study.db", name="s", space=space, objectives=[nas.Objective("val_acc")], identity={}
    )
    with stoppable(), opened as study, orderly():
        evaluator = Evaluate(fault, folder)
        nas.search("random", evaluator, study, space=space, trials=TRIALS, workers=2, window=2, limits=LIMITS)


def with_optuna(fault: str, folder: Path) -> None:
    """Optuna's search."""
    space = nas.load_space(SPACE)
    most = int((LIMITS.memory_gib or 0) * GIB)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    storage = optuna.storages.RDBStorage(
        f"sqlite:///{folder}/study.db",
        heartbeat_interval=1,
        grace_period=2,
        heartbeat_stale_trial_callback=optuna.storages.RetryHeartbeatStaleTrialCallback(max_retry=3),
    )
    study = optuna.create_study(
        storage=storage,
        study_name="s",
        sampler=optuna.samplers.RandomSampler(seed=0),
        direction="maximize",
        load_if_exists=True,
    )

    def objective(trial: optuna.Trial) -> float:
        def suggest(choice: nas.Choice) -> Value:
            value: Value = trial.suggest_categorical(choice.name, space.universe[choice.name])
            # An option that the limit forbids here becomes the nearest legal one, as Optuna knows no such limits.
            return value if value in choice.options else choice.options[0]

        arch = space.walk(suggest)
        time.sleep(0.2)
        frozen = study.get_trials(deepcopy=False)[trial.number]
        retried = optuna.storages.RetryHeartbeatStaleTrialCallback.retried_trial_number(frozen)
        found = go_wrong(fault, folder) if FAULTY in (trial.number, retried) else None
        return score(arch) if found is None else found

    states = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.FAIL)
    done = len(study.get_trials(states=states))
    study.optimize(objective, n_trials=max(0, TRIALS - done), catch=(Exception,))


if __name__ == "__main__":
    {"archwright": with_archwright, "optuna": with_optuna}[sys.argv[1]](sys.argv[2], Path(sys.argv[3]))
