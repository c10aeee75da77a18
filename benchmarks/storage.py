"""How many trials a second the durable log takes, against Optuna's own way of writing the same trials.

    python benchmarks/storage.py [--trials 300] [--repeats 3] [--folders /tmp /dev/shm]

Trials of a random search on search_spaces/digits_cnn.yaml, 30 decisions each, are appended to a new SQLite study, in
turns by `TrialWriter` (`rows`) and by Optuna's `create_new_trial` (`optuna`). `search` is the whole loop with a free
evaluator: it also notes each trial before its evaluation, which is a second commit. SQLite's journal and full
synchronisation are as in a search. What a disk allows is measured beside it: `fsync_ms` is the median of an fsync of
one page, `commit_ms` that of a commit of one row with the same settings. A folder in memory shows what is left without
a disk. Written to benchmarks/results/storage.json with all raw values.
"""

import argparse
import contextlib
import os
import sqlite3
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import optuna
import sqlalchemy.event

from nas import MemoryStudy, Objective, OptunaStudy, RandomSearch, Space, Trial, load_space, search
from nas.driver import rows
from overhead import SPACE, free_evaluator
from record import write_result

OBJECTIVES = [Objective("val_acc")]


def opened(folder: Path, space: Space) -> contextlib.AbstractContextManager[OptunaStudy]:
    """A new study in a folder."""
    return OptunaStudy.open(folder / "study.db", name="s", space=space, objectives=OBJECTIVES, identity={})


def spent(trials: int, work: Callable[[], object]) -> Mapping[str, float]:
    """Milliseconds a trial, on the clock and of the processor."""
    begin, cpu = time.perf_counter(), time.process_time()
    work()
    seconds, busy = time.perf_counter() - begin, time.process_time() - cpu
    return {"ms": 1e3 * seconds / trials, "cpu_ms": 1e3 * busy / trials}


@contextlib.contextmanager
def unknown_tables() -> Iterator[None]:
    """Takes the version of Optuna's tables for an unknown one, so that Optuna writes the trials."""
    known, rows.SCHEMA = rows.SCHEMA, (0, "")
    try:
        yield
    finally:
        rows.SCHEMA = known


def append(folder: Path, space: Space, trials: Sequence[Trial]) -> Mapping[str, float]:
    """Appends trials to a new study."""
    with opened(folder, space) as study:
        return spent(len(trials), lambda: deque(map(study.append, trials), maxlen=0))


def append_by_optuna(folder: Path, space: Space, trials: Sequence[Trial]) -> Mapping[str, float]:
    """The same through Optuna."""
    with unknown_tables():
        return append(folder, space, trials)


def whole_search(folder: Path, space: Space, trials: Sequence[Trial]) -> Mapping[str, float]:
    """The loop with random proposals and a free evaluator."""
    with opened(folder, space) as study:
        return spent(len(trials), lambda: search(RandomSearch(space), free_evaluator, study, trials=len(trials)))


WAYS = {"rows": append, "optuna": append_by_optuna, "search": whole_search}


def statements(space: Space, trials: Sequence[Trial]) -> int:
    """SQL statements of the second trial of a study; one that inserts many rows is one."""
    seen: list[object] = []

    def note(*arguments: object) -> None:
        seen.append(arguments[2])

    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), space) as study:
        study.append(trials[0])
        sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", note)
        try:
            study.append(trials[1])
        finally:
            sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", note)
    return len(seen)


def disk(folder: Path, count: int = 100) -> Mapping[str, float]:
    """Milliseconds of an fsync of a page, and of a commit of one row; medians."""
    fsyncs, commits = [], []
    with (folder / "page").open("wb", buffering=0) as file:
        for _ in range(count):
            file.seek(0)
            file.write(bytes(4096))
            begin = time.perf_counter()
            os.fsync(file.fileno())
            fsyncs.append(1e3 * (time.perf_counter() - begin))
    with contextlib.closing(sqlite3.connect(folder / "row.db")) as connection:
        connection.execute("CREATE TABLE one (value)")
        for number in range(count):
            begin = time.perf_counter()
            with connection:
                connection.execute("INSERT INTO one VALUES (?)", [number])
            commits.append(1e3 * (time.perf_counter() - begin))
    return {"fsync_ms": statistics.median(fsyncs), "commit_ms": statistics.median(commits)}


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folders", nargs="+", default=[tempfile.gettempdir(), "/dev/shm"])
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    space = load_space(SPACE)
    trials = list(search(RandomSearch(space), free_evaluator, MemoryStudy(), trials=options.trials))
    counts = {"rows": statements(space, trials)}
    with unknown_tables():
        counts["optuna"] = statements(space, trials)
    print("SQL statements of a trial:", counts)
    figures = []
    for place in options.folders:
        raw: dict[str, list[Mapping[str, float]]] = {way: [] for way in WAYS}
        with tempfile.TemporaryDirectory(dir=place) as temporary:
            allowed = disk(Path(temporary))
            for repeat in range(options.repeats):
                for way, measure in WAYS.items():
                    folder = Path(temporary) / f"{way}{repeat}"
                    folder.mkdir()
                    raw[way].append(measure(folder, space, trials))
        medians = {
            way: {key: statistics.median(one[key] for one in found) for key in ("ms", "cpu_ms")}
            for way, found in raw.items()
        }
        print(place, {key: round(value, 2) for key, value in allowed.items()})
        for way, found in medians.items():
            print(f"  {way:7} {found['ms']:7.2f} ms a trial, {found['cpu_ms']:6.2f} of the processor")
        figures.append({"folder": place, **allowed, "medians": medians, "raw": raw})
    print(write_result("storage", {"settings": vars(options), "seed": 0, "statements": counts, "figures": figures}))


if __name__ == "__main__":
    main()
