"""The folder of a comparison: its files, written and read."""

import csv
import importlib
import importlib.util
import io
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nas.archive import open_npz
from nas.arguments import checked
from nas.errors import Damaged, IntegrityError, StorageError, UsageError
from nas.files import read_bytes, sha256, write_bytes
from nas.folders import Check, Layout, Part, way_out
from nas.manifest import MANIFEST, Manifest
from nas.sealed import parse_record
from nas.settings import changes
from nas.simulation.results import Floats, ProblemFacts, Results, Run

RECORD = "comparison.json"
CSV = "results.csv"
PARQUET = "results.parquet"
UNITS = "units"
ATTEMPTS = "attempts"
FORMAT = 3

LAYOUT = Layout(
    locked=RECORD,
    parts=(
        Part(
            (RECORD,),
            "the comparison, its identity, the descriptions of the problems, and versions",
            "the comparison file",
            distinctive=True,
        ),
        Part(
            (f"{UNITS}/",),
            "the runs of some seeds per file, `PROBLEM/CONTROLLER/SEED.npz` with the first seed",
            "the comparison file",
            distinctive=True,
        ),
        Part((f"{ATTEMPTS}/",), "evaluations in which a process died, until their runs are finished", "", Check.NONE),
        Part((CSV,), "the runs for other programs, one line per evaluation", "the runs"),
        Part((PARQUET,), "the same, if pyarrow is installed", "the runs", Check.NONE),
        Part(("report.html",), "the page of the results", "the runs", Check.NONE),
        Part(("plots/",), "the plots of the page, as SVG and PNG", "the runs", Check.NONE),
        Part(
            tuple(f"{RECORD}.{end}" for end in ("lock", "holder")),
            "the process that works on the comparison",
            check=Check.PROCESS,
        ),
        Part((MANIFEST,), "the checksums of the other files", "the files, each of which verifies itself", Check.OWN),
    ),
)
"""The files of a comparison; `--resume` recreates what is missing."""

COUNTED = ("row", "trained", "epochs")
"""The arrays of whole numbers, which are stored as floats since some of them may be unknown."""
ARRAYS = ("row", "observed", "truth", "unseen", "test", "trained", "epochs", "seconds", "clock", "own_seconds")
COLUMNS = ("problem", "controller", "seed", "evaluation", "id", *ARRAYS)

Key = tuple[str, str, int]
"""Problem, controller, seed."""


def holds_comparison(folder: Path) -> bool:
    """Whether a folder contains a comparison."""
    return any(os.path.lexists(folder / name) for name in (RECORD, UNITS))


def check_whole(folder: Path) -> None:
    """Raises Damaged if there are runs but no manifest with their checksums."""
    if (folder / UNITS).exists() and not (folder / MANIFEST).exists():
        raise Damaged(f"{folder / MANIFEST} is missing, and with it the checksums of all other files")


def write_record(manifest: Manifest, record: Mapping[str, Any]) -> None:
    """Writes the record of a comparison before its runs."""
    manifest.write_record(RECORD, {"format": FORMAT, **record})


def read_record(manifest: Manifest) -> Mapping[str, Any]:
    """The record of a comparison. Raises IntegrityError or StorageError."""
    found = manifest.read_record(RECORD)
    if found.get("format") != FORMAT:
        raise IntegrityError(f"{manifest.folder / RECORD} was written by another version of Archwright")
    return found


def refuse_changes(path: Path, then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Raises IntegrityError if the identity of a comparison has changed; the message lists the differences.

    Controllers and problems may be added or left out.
    """

    def kept(identity: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
        both = {
            part: {k: v for k, v in identity[part].items() if k in other[part]} for part in ("controllers", "problems")
        }
        return {**identity, **both}

    lines = [f"  {line}" for line in changes(kept(then, now), kept(now, then))]
    if lines:
        raise IntegrityError("\n".join([f"{path}: the comparison was started with other settings", *lines]))


def write_unit(manifest: Manifest, runs: Sequence[Run]) -> None:
    """Writes runs of one controller on one problem. Raises StorageError."""
    first = runs[0]
    columns: dict[str, Any] = {name: np.concatenate([getattr(run, name) for run in runs]) for name in ARRAYS}
    content = io.BytesIO()
    np.savez_compressed(
        content,
        seeds=np.array([run.seed for run in runs], dtype=np.int64),
        lengths=np.array([len(run) for run in runs], dtype=np.int64),
        ids=np.array([one for run in runs for one in run.ids], dtype=np.str_),
        **columns,
    )
    manifest.write(f"{UNITS}/{first.problem}/{first.controller}/{first.seed}.npz", content.getvalue())


def attempts_of(folder: Path, problem: str, controller: str, seed: int) -> Path:
    """The file with notes on evaluations in which processes died (`nas.driver.attempts`), until the run is finished.

    Its name is a hash: two labels may be too long for one name, and any character between them may be part of them.
    """
    return folder / ATTEMPTS / f"{sha256(f'{problem}/{controller}/{seed}'.encode())[:16]}.json"


def read_units(manifest: Manifest) -> Mapping[Key, Run]:
    """All finished runs. Raises Damaged for an altered or truncated file, or StorageError."""
    names = [name for name in manifest if name.startswith(f"{UNITS}/")]
    return {key: run for name in names for key, run in _parse_unit(manifest.folder, name, manifest.read(name)).items()}


def _parse_unit(folder: Path, name: str, data: bytes) -> Mapping[Key, Run]:
    found = {}
    try:
        _, problem, controller, _ = name.split("/")
        with open_npz(data, str(folder / name)) as archive:
            arrays = archive.arrays(("ids", "lengths", "seeds", *ARRAYS))
        ends = np.cumsum(arrays["lengths"])[:-1]
        parts = {key: np.split(arrays[key], ends) for key in ("ids", *ARRAYS)}
        seeds = arrays["seeds"].tolist()
        for place, seed in enumerate(seeds):
            values = {key: parts[key][place] for key in ARRAYS}
            ids = tuple(map(str, parts["ids"][place].tolist()))
            found[problem, controller, seed] = Run(problem, controller, seed, ids, **values)
    except (ValueError, IndexError, TypeError) as error:
        raise Damaged(f"{folder / name} is corrupt: {error}") from error
    return found


def vouched(folder: Path) -> Mapping[str, bool]:
    """For a folder without a manifest, the files, and whether each is valid by its own content."""

    def is_right(name: str, check: Callable[[bytes], object]) -> bool:
        try:
            check(read_bytes(folder / name))
        except (IntegrityError, StorageError):
            return False
        return True

    units = sorted(path.relative_to(folder).as_posix() for path in (folder / UNITS).rglob("*.npz"))
    return {
        RECORD: is_right(RECORD, lambda data: parse_record(data, folder / RECORD)),
        CSV: False,  # it is recreated
        **{name: is_right(name, partial(_parse_unit, folder, name)) for name in units},
    }


def write_tables(manifest: Manifest, results: Results) -> None:
    """Writes `results.csv` and, if pyarrow is installed, `results.parquet`. Raises StorageError."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(results.runs.values()))
    manifest.write(CSV, text.getvalue().encode())
    if importlib.util.find_spec("pyarrow") is not None:
        write_bytes(manifest.folder / PARQUET, _parquet(results))


def _rows(runs: Iterable[Run]) -> Iterator[tuple[Any, ...]]:
    for run in runs:
        head = run.problem, run.controller, run.seed
        columns = [_cells(name, getattr(run, name)) for name in ARRAYS]
        for number, (one, *values) in enumerate(zip(run.ids, *columns, strict=True), 1):
            yield (*head, number, one, *values)


def _cells(name: str, values: Floats) -> list[float | str]:
    """A column of the table: an unknown value is an empty cell, and a count has no decimal point."""
    as_number = int if name in COUNTED else float
    return ["" if math.isnan(value) else as_number(value) for value in values.tolist()]


def _parquet(results: Results) -> bytes:
    arrow: Any = importlib.import_module("pyarrow")
    parquet: Any = importlib.import_module("pyarrow.parquet")
    runs = list(results.runs.values())
    columns: dict[str, Any] = {
        "problem": [run.problem for run in runs for _ in range(len(run))],
        "controller": [run.controller for run in runs for _ in range(len(run))],
        "seed": [run.seed for run in runs for _ in range(len(run))],
        "evaluation": [number for run in runs for number in range(1, len(run) + 1)],
        "id": [one for run in runs for one in run.ids],
        **{name: np.concatenate([getattr(run, name) for run in runs]) for name in ARRAYS},
    }
    stream = io.BytesIO()
    parquet.write_table(arrow.table(columns), stream)
    return stream.getvalue()


@checked
def read_results(folder: str | Path) -> Results:
    """The results of a finished comparison.

    Raises:
        UsageError: the folder contains no comparison, or runs are missing.
        IntegrityError: a file was altered or truncated.
        StorageError: a file cannot be read.
    """
    folder = Path(folder)
    if not holds_comparison(folder):
        raise UsageError(f"{folder} contains no comparison")
    with way_out(folder):
        check_whole(folder)
        manifest = Manifest(folder)
        return assemble(folder, read_record(manifest), read_units(manifest))


def assemble(folder: Path, record: Mapping[str, Any], runs: Mapping[Key, Run]) -> Results:
    """The results of a comparison from its record and its runs. Raises UsageError if runs are missing."""
    kind, amount = record["budget"]
    wanted = [
        (problem["name"], controller, seed)
        for problem in record["problems"]
        for controller in record["controllers"]
        for seed in record["seeds"]
    ]
    missing = sum(key not in runs for key in wanted)
    if missing:
        raise UsageError(f"{folder}: {missing} of {len(wanted)} runs are missing; nas compare --resume continues")
    return Results(
        name=record["name"],
        problems=tuple(map(_facts_from, record["problems"])),
        controllers=record["controllers"],
        seeds=tuple(record["seeds"]),
        budget=(kind, amount),
        workers=record["workers"],
        runs={key: runs[key] for key in wanted},
        recorded=record["recorded"],
    )


def _facts_from(problem: Mapping[str, Any]) -> ProblemFacts:
    return ProblemFacts(**{**problem, "runs": problem["runs"] and tuple(problem["runs"])})


def facts_of(problems: Iterable[ProblemFacts]) -> list[dict[str, Any]]:
    """The descriptions as plain data."""
    return [asdict(problem) for problem in problems]
