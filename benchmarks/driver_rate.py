"""What one driver sustains: proposals a second with 1,000 workers, for every controller.

    python benchmarks/driver_rate.py [--trials 100] [--seconds 4] [NAME ...]

*At N told*: milliseconds of processor time for asking for a proposal and for telling a trial, when N trials of random
networks have been told before and so many proposals are in flight: the mean of 20, or of the first ten where those take
longer than `seconds`. A model that is fitted for a batch of proposals is fitted for the first of them. What would take
minutes is left out.

*In the loop*: a search with 1,000 proposals in flight, logged to SQLite, on an executor of 1,000 slots whose
evaluations only sleep for a second (in real time, without a process each). So the driver is all that is measured: the
controller, the loop and the log. Counted are `trials` proposals after the first 1,000, which are made before anything
is known: proposals per second of processor time, and by the clock, which depends on what else the machine did
and is below 1,000 here. Controllers whose proposals take longer than 20 ms are left out: the loop and the log add
little to those.

The space is search_spaces/digits_cnn.yaml (30 decisions), scores are a hash of the network, and each controller has a
process of its own with one thread. Written to benchmarks/results/driver_rate.json after each of them, where the figures
of controllers that were not named stay.
"""

import argparse
import heapq
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import nas
from nas.document import from_object
from nas.driver.accounts import Trials
from nas.driver.executors.executor import Finished, Job
from nas.driver.search import search_on
from nas.driver.seeds import trial_seed
from nas.evaluate import make_proxies
from nas.settings import Reader
from overhead import free_evaluator
from record import RESULTS, write_result

SPACE = Path(__file__).parents[1] / "search_spaces" / "digits_cnn.yaml"
SLOTS = 1000
SLEEP = 1.0
POINTS = ((1000, 32), (1000, SLOTS), (4000, SLOTS))
"""How many trials are told, and how many proposals are in flight."""
ASKS, LEAST = 20, 10
SLOW = 20.0
"""Milliseconds of a proposal from which on the loop is not measured."""
LONGEST = 1000.0
"""Milliseconds of a proposal from which on nothing larger is measured."""
TELLING = 5.0
"""Seconds of telling the first trials from which on no more of them are told."""

SETTINGS: Mapping[str, Any] = {
    "distinct": {"controller": "regularized_evolution"},
    "warm_start": {"controller": "regularized_evolution", "proxy": "params"},
    "portfolio": {"controllers": ["regularized_evolution", "random"]},
    **{name: {"controller": "regularized_evolution"} for name in ("successive_halving", "hyperband", "asha")},
}
"""The settings that a controller cannot be without."""
OBJECTIVE = nas.Objective("val_acc")


class Enough(Exception):
    """So many trials were told."""


class Sleeping:
    """An executor whose jobs take a second each, however many there are."""

    slots = SLOTS

    def __init__(self) -> None:
        self._begin = time.perf_counter()
        self._queue: list[tuple[float, int, Job]] = []

    @property
    def clock(self) -> float:
        return time.perf_counter() - self._begin

    def submit(self, job: Job) -> None:
        heapq.heappush(self._queue, (self.clock + SLEEP, job.number, job))

    def next(self) -> Sequence[Finished]:
        time.sleep(max(0.0, self._queue[0][0] - self.clock))
        found = []
        while self._queue and self._queue[0][0] <= self.clock:
            at, _, job = heapq.heappop(self._queue)
            found.append(Finished(job, free_evaluator(job.proposal.architecture, epochs=None, seed=0), SLEEP, at))
        return found


def make(name: str, space: nas.Space, trials: int) -> nas.Controller:
    """A controller with its defaults."""
    reader = Reader(Path(__file__), (nas.CONTROLLERS,))
    given = from_object({name: SETTINGS.get(name, {})}, "benchmark")
    setting = reader.setting(given, nas.CONTROLLERS, "controller")
    supplied = {"space": space, "trials": trials, "full_epochs": 27, "proxies": make_proxies()}
    made: nas.Controller = setting.make(supplied, "controller")
    return made


def in_the_loop(name: str, space: nas.Space, trials: int) -> dict[str, float]:
    """A search with 1,000 sleeping workers: what it takes from the first trial on that is told."""
    marks: list[tuple[float, float]] = []

    def mark(trial: nas.Trial) -> None:
        marks.append((time.process_time(), time.perf_counter()))
        if len(marks) > trials:
            raise Enough

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "study.db"
        opened = nas.OptunaStudy.open(path, name="s", space=space, objectives=[OBJECTIVE], identity={})
        with opened as study, suppress(Enough):
            search_on(
                Sleeping(),
                make(name, space, trials),
                study,
                account=Trials(10 * SLOTS),
                seed=0,
                objectives=[OBJECTIVE],
                window=SLOTS,
                on_trial=mark,
            )
    cpu, wall = (after - before for before, after in zip(marks[0], marks[trials], strict=True))
    return {"cpu_seconds": cpu, "wall_seconds": wall, "a_second": trials / cpu, "a_second_by_clock": trials / wall}


def random_trials(space: nas.Space) -> list[nas.Trial]:
    """Trials of random networks: those that are told, and as many more as can be in flight."""
    count = POINTS[-1][0] + SLOTS
    return [trial_of(number, nas.Proposal(space.sample(np.random.default_rng([1, number])))) for number in range(count)]


def trial_of(number: int, proposal: nas.Proposal) -> nas.Trial:
    """The trial of a proposal."""
    metrics = free_evaluator(proposal.architecture, epochs=None, seed=0)
    score = metrics["val_acc"]
    assert isinstance(score, float)  # noqa: S101  for the type checker
    return nas.Trial(number, proposal, trial_seed(0, number), metrics, (score,), 0.0, None, number)


def at_points(name: str, space: nas.Space, trials: Sequence[nas.Trial], seconds: float) -> list[dict[str, Any]]:
    """What a proposal costs after many trials."""
    controller = make(name, space, 10 * POINTS[-1][0])
    found: list[dict[str, Any]] = []
    pending = [trial.proposal for trial in trials[-SLOTS:]]
    told, telling = 0, 0.0
    for count, in_flight in POINTS:
        if found and found[-1]["ask_ms"] + found[-1]["tell_ms"] > LONGEST:
            break
        if told < count and telling > TELLING:
            break
        begin = time.process_time()
        for trial in trials[told:count]:
            controller.tell(trial)
        telling += time.process_time() - begin
        told = max(told, count)
        asks: list[float] = []
        tells: list[float] = []
        begin = time.process_time()
        while len(asks) < ASKS and (time.process_time() - begin < seconds or len(asks) < LEAST):
            watch = time.process_time()
            proposal = controller.ask(np.random.default_rng([2, told]), pending[:in_flight])
            asks.append(1e3 * (time.process_time() - watch))
            trial = trial_of(told, proposal)
            watch = time.process_time()
            controller.tell(trial)
            tells.append(1e3 * (time.process_time() - watch))
            told += 1
        found.append(
            {
                "told": count,
                "in_flight": in_flight,
                "ask_ms": statistics.mean(asks),
                "tell_ms": statistics.mean(tells),
                "raw_ask_ms": [round(one, 3) for one in asks],
                "raw_tell_ms": [round(one, 3) for one in tells],
            }
        )
    return found


def measure(
    name: str,
    space: nas.Space,
    told: Sequence[nas.Trial],
    counted: int,
    seconds: float,
    answers: "Connection[Any, Any]",
) -> None:
    """All of a controller."""
    threadpool_limits(1)  # of NumPy, which the parent has loaded
    points = at_points(name, space, told, seconds)
    slow = any(one["ask_ms"] + one["tell_ms"] > SLOW for one in points[:2])
    answers.send({"points": points, "in_the_loop": None if slow else in_the_loop(name, space, counted)})


def shown(found: Mapping[str, Any]) -> str:
    """The figures of a controller in a line."""
    texts = [
        f"{one['told']:,} told, {one['in_flight']:,} in flight: {one['ask_ms']:.1f} + {one['tell_ms']:.1f} ms"
        for one in found["points"]
    ]
    if loop := found["in_the_loop"]:
        texts.append(f"{loop['a_second']:.0f} a second in the loop ({loop['a_second_by_clock']:.0f} by the clock)")
    return "; ".join(texts)


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(nas.CONTROLLERS))
    parser.add_argument("--trials", type=int, default=100, help="those of the loop that are counted")
    parser.add_argument("--seconds", type=float, default=4.0)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # of torch, in the processes that are started
    context = multiprocessing.get_context("fork")  # so that networks are sampled once
    space = nas.load_space(SPACE)
    told = random_trials(space)
    path = RESULTS / "driver_rate.json"
    whole = set(options.names) == set(nas.CONTROLLERS) or not path.exists()
    settings = {"slots": SLOTS, "sleep_seconds": SLEEP, "trials": options.trials, "seconds": options.seconds}
    found: dict[str, dict[str, Any]] = {} if whole else json.loads(path.read_text(encoding="utf-8"))["controllers"]
    for name in options.names:
        begin = time.perf_counter()
        answers, theirs = context.Pipe(duplex=False)
        process = context.Process(target=measure, args=(name, space, told, options.trials, options.seconds, theirs))
        process.start()
        theirs.close()
        found[name] = answers.recv()
        process.join()
        write_result("driver_rate", {"settings": settings, "controllers": found})
        print(f"{name:22} {shown(found[name])}  [{time.perf_counter() - begin:.0f} s]", flush=True)
    print(path)


if __name__ == "__main__":
    main()
