"""A whole comparison: from its file to a folder with results (`folder.py` says what is in it)."""

import platform
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from nas.analysis.judged import Judgement, judge
from nas.analysis.summary import Row, summarize, summary_dict
from nas.arguments import checked
from nas.comparison import folder as store
from nas.comparison.config import ComparisonConfig, load_comparison
from nas.comparison.prepare import identity_of, jobs_of, load_problem, make_controller, prepare_comparison
from nas.controllers import Controller
from nas.driver.attempts import Attempts
from nas.driver.executors.executor import Job
from nas.driver.lock import exclusive
from nas.errors import UsageError
from nas.events import Notice, OnEvent, RunEnded, StageBegan, unread
from nas.files import make_folder, remove, remove_folder
from nas.folders import taken, way_out
from nas.interrupt import orderly, uninterrupted
from nas.manifest import Manifest
from nas.pages.comparison.page import Options
from nas.pages.comparison.report import write_comparison
from nas.settings import plain
from nas.simulation.parallel import cores, spread
from nas.simulation.problem import Problem
from nas.simulation.results import Results, Run
from nas.simulation.simulate import run_one
from nas.statistics.verdict import Verdict
from nas.tabular import Table

SEEDS_A_UNIT = 10
"""Seeds that are run and written together on a table; fewer if processes would be idle. A run that trains is written
alone, as soon as it is finished."""

PACKAGES = ("archwright", "numpy", "scipy", "optuna")


@checked
@dataclass(frozen=True)
class Comparison:
    """A finished comparison.

    Attributes:
        folder: its folder.
        judged: the analysis of its runs.
        rows: the summary, a row for each controller on each problem.
        report: the path of the page.
    """

    folder: Path
    judged: Judgement
    rows: Sequence[Row]
    report: Path

    @property
    def results(self) -> Results:
        """All runs."""
        return self.judged.results

    @property
    def verdicts(self) -> Sequence[Verdict]:
        """The verdicts on the mean over the problems or, if their units differ, on each problem."""
        return self.judged.verdicts

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data, for `--json`; the runs are in the folder."""
        results = self.results
        return {
            "name": results.name,
            "folder": str(self.folder),
            "report": str(self.report),
            "budget": {results.budget[0]: results.budget[1]},
            "workers": results.workers,
            "seeds": list(results.seeds),
            **summary_dict(self.judged, self.rows),
        }


class Unit(NamedTuple):
    """Runs that are executed and written together."""

    problem: str
    controller: str
    seeds: tuple[int, ...]


@dataclass
class _Work:
    """Executes the runs of a unit. Each process loads a problem when it first needs it."""

    config: ComparisonConfig
    folder: Path
    problems: dict[str, Problem] = field(default_factory=dict)

    def __call__(self, unit: Unit) -> list[Run]:
        config = self.config
        problem = self.problems.get(unit.problem)
        if problem is None:
            problem = self.problems[unit.problem] = load_problem(config, unit.problem)
        return [self._run(problem, unit.controller, seed) for seed in unit.seeds]

    def _run(self, problem: Problem, controller: str, seed: int) -> Run:
        config = self.config
        with ExitStack() as stack:
            around: Callable[[Job], AbstractContextManager[object]] = nullcontext
            if problem.measured:  # a look-up does not end the process
                notes = store.attempts_of(self.folder, problem.name, controller, seed)
                around = stack.enter_context(Attempts.opened(notes)).around
            return run_one(
                partial(make_controller, config, controller, problem),
                problem,
                seed=seed,
                budget=config.budget,
                workers=config.workers,
                order=config.order,
                charge_controller=config.charge_controller,
                cache=config.cache,
                controller=controller,
                around=around,
            )

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "problems": {}}


@checked
def compare(
    comparison: ComparisonConfig | str | Path | Mapping[str, Any],
    *,
    out: str | Path | None = None,
    resume: bool = False,
    controllers: Mapping[str, Callable[..., Controller]] | None = None,
    tables: Mapping[str, Callable[..., Table]] | None = None,
    on_event: OnEvent | None = None,
) -> Comparison:
    """Compares controllers on problems over seeds, and writes a folder; the command is `nas compare`.

    With several processes (`jobs`), a script needs `if __name__ == "__main__":` around the call.

    Args:
        comparison: a comparison file, or a mapping of the same form; docs/compare.md is the reference.
        out: the folder; None: `comparisons/<name>`.
        resume: continue the comparison in the folder, if there is one; otherwise such a folder is an error.
        controllers: your own controllers by name, which the file can use in addition to those of `CONTROLLERS`.
        tables: functions that return your own tables, likewise.
        on_event: called with each event of the comparison (`nas.events`): notices, the stage and each run.

    Raises:
        UsageError: the file is invalid (SpecError), or the folder contains a comparison and `resume` is False.
        IntegrityError: a file in the folder was altered, or belongs to another comparison.
        StorageError: the folder cannot be written, another process works on it, or a process of the comparison died.
    """
    if not isinstance(comparison, ComparisonConfig):
        comparison = load_comparison(comparison, controllers=controllers, tables=tables)
    elif controllers or tables:
        raise UsageError("controllers and tables must be given to load_comparison, which read the file")
    post = on_event or unread
    folder = Path(out) if out is not None else Path("comparisons") / comparison.name
    _refuse_taken(folder, resume)
    problems = prepare_comparison(comparison)
    make_folder(folder)
    with way_out(folder), exclusive(folder / store.RECORD), orderly():
        _refuse_taken(folder, resume)  # by another process that started at the same time
        store.check_whole(folder)
        manifest = Manifest(folder)
        manifest.verify()
        record = _begin(manifest, comparison, problems)
        runs = dict(store.read_units(manifest))
        jobs = jobs_of(comparison, cores())
        missing = [
            (problem, controller, [seed for seed in comparison.seeds if (problem, controller, seed) not in runs])
            for problem in comparison.problems
            for controller in comparison.controllers
        ]
        left = sum(len(seeds) for *_, seeds in missing)
        total = len(comparison.problems) * len(comparison.controllers) * len(comparison.seeds)
        if left < total:
            post(Notice(f"{folder}: {total - left} of {total} runs are complete"))
        units = list(_units(missing, left, jobs, {name for name, one in problems.items() if one.measured}))
        make_folder(folder / store.ATTEMPTS)
        post(StageBegan("run", total, total - left))
        with closing(spread(_Work(comparison, folder, dict(problems)), units, jobs)) as results:
            for unit, made in results:
                with uninterrupted():
                    store.write_unit(manifest, made)
                for run in made:
                    runs[run.problem, run.controller, run.seed] = run
                    remove(store.attempts_of(folder, run.problem, run.controller, run.seed))
                    post(RunEnded(unit.problem, unit.controller, run.seed))
        remove_folder(folder / store.ATTEMPTS)
        found = store.assemble(folder, record, runs)
        store.write_tables(manifest, found)
        judged = judge(found)
        report = write_comparison(judged, folder, Options(delta=comparison.delta))
    return Comparison(folder, judged, summarize(judged, comparison.delta), report)


def _refuse_taken(folder: Path, resume: bool) -> None:
    if not resume and store.holds_comparison(folder):
        raise taken(folder, "comparison")


def _units(
    missing: Sequence[tuple[str, str, list[int]]], left: int, jobs: int, trained: Collection[str]
) -> Iterator[Unit]:
    """The missing runs in units; `trained` are the problems whose runs train networks."""
    for problem, controller, seeds in missing:
        size = 1 if problem in trained else max(1, min(SEEDS_A_UNIT, left // (2 * jobs)))
        for begin in range(0, len(seeds), size):
            yield Unit(problem, controller, tuple(seeds[begin : begin + size]))


def _begin(manifest: Manifest, config: ComparisonConfig, problems: Mapping[str, Problem]) -> Mapping[str, Any]:
    """Writes the record of the comparison, after a check against an existing one."""
    identity = identity_of(config, problems)
    known = dict(identity)
    if store.RECORD in manifest:
        then = store.read_record(manifest)["identity"]
        store.refuse_changes(manifest.folder, then, identity)
        for part in ("controllers", "problems"):  # labels that are left out now may be used again
            known[part] = {**then[part], **identity[part]}
    record = {
        "name": config.name,
        "problems": store.facts_of(problem.facts for problem in problems.values()),
        "controllers": {label: {one.name: plain(one.full)} for label, one in config.controllers.items()},
        "seeds": list(config.seeds),
        "budget": [config.budget.kind, config.budget.amount],
        "workers": config.workers,
        "recorded": {
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
            "platform": platform.platform(),
            "cores": str(cores()),
            "date": datetime.now().astimezone().isoformat(sep=" ", timespec="seconds"),
            "delta": f"{config.delta:g}",
            "order": config.order,
            "charge_controller": str(config.charge_controller).lower(),
            "cache": str(config.cache).lower(),
        },
        "identity": known,
    }
    store.write_record(manifest, record)
    return record
