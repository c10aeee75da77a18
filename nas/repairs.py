"""Mending a folder: what is damaged is set aside, so that whatever can be made again is.

Nothing is trained, nothing is lost: a damaged file is moved to `damaged/1`, the next time to `damaged/2`, and so on.
What follows from what in the folder of a run stands in `run_folder.py`.
"""

import os
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from nas.arguments import checked
from nas.comparison import folder as comparison
from nas.driver.identity import plain_identity
from nas.driver.lock import exclusive
from nas.driver.log import Log, may_have_trials, read_log, write_log
from nas.driver.salvage import salvage
from nas.errors import ArchwrightError, Damaged, StorageError, UsageError
from nas.files import MANIFEST, Manifest, is_lost, move, parse_record, read_bytes, sha256, write_bytes
from nas.final.export import FILES
from nas.runs.config import CONFIG, RunConfig, read_config
from nas.runs.folder import (
    CHECKPOINTS,
    FINAL,
    FINALISTS,
    PROCESS,
    REPORT,
    SPACE,
    STUDY,
    TRIALS,
    copy_of,
    identity_of,
    keep_salvaged,
)
from nas.runs.prepare import make_space

DAMAGED = "damaged"


@checked
@dataclass(frozen=True)
class Repaired:
    """What a repair found and did.

    Attributes:
        folder: the folder.
        damaged: what was wrong, by the names of the files.
        aside: the folder that they are in now; None: nothing had to be moved.
        log: what became of the log of a run, in a sentence; empty: it is as it was written.
        command: what makes the rest again; empty: nothing has to be.
        needs: the word in the command that stands for the file that the folder was begun with; empty: none does.
    """

    folder: Path
    damaged: Mapping[str, str]
    aside: Path | None
    log: str
    command: str
    needs: str

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data, for `--json`."""
        return {**asdict(self), "folder": str(self.folder), "aside": None if self.aside is None else str(self.aside)}


@checked
def repair(folder: str | Path) -> Repaired:
    """Sets aside what is damaged in the folder of a run or a comparison, and saves what can be read of a damaged log.

    Raises:
        UsageError: the folder holds neither.
        StorageError: it is in use, or something cannot be read for want of a permission, or not be moved.
        IntegrityError: another program wrote to the log, or nothing says what it belongs to; it stays as it is.
    """
    folder = Path(folder)
    if any(os.path.lexists(folder / name) for name in (STUDY, CONFIG, FINAL)):
        return _repair_run(folder)
    if any(os.path.lexists(folder / name) for name in (comparison.RECORD, comparison.UNITS)):
        return _repair_comparison(folder)
    raise UsageError(f"{folder} holds no run and no comparison")


@dataclass
class _Aside:
    """Moves things out of the way."""

    folder: Path
    damaged: dict[str, str] = field(default_factory=dict)
    path: Path | None = None

    def take(self, name: str, reason: str) -> None:
        """Moves what is there under this name, if anything is."""
        self.damaged[name] = reason
        if os.path.lexists(self.folder / name):
            move(self.folder / name, self._made() / name)

    def copy(self, name: str, data: bytes, reason: str) -> None:
        """Keeps the content of a file that will be replaced."""
        self.damaged[name] = reason
        write_bytes(self._made() / name, data)

    def take_if_there(self, name: str, reason: str) -> None:
        if os.path.lexists(self.folder / name):
            self.take(name, reason)

    def take_what_is_no_file(self, names: Iterable[str], is_right: Callable[[Path], bool] = Path.is_file) -> None:
        for name in names:
            if not is_right(self.folder / name):
                self.take_if_there(name, "is something else")

    def repaired(self, log: str, command: str, needs: str) -> Repaired:
        """What was done."""
        if not self.damaged:
            command = needs = ""
        return Repaired(self.folder, self.damaged, self.path, log, command, needs)

    def _made(self) -> Path:
        if self.path is None:
            base = self.folder / DAMAGED
            numbers = [int(path.name) for path in base.glob("*") if path.name.isdecimal()]
            self.path = base / str(max(numbers, default=0) + 1)
            self.path.mkdir(parents=True)
        return self.path


def _repair_run(folder: Path) -> Repaired:
    aside, manifest = _Aside(folder), Manifest(folder)
    aside.take_what_is_no_file(PROCESS)
    with exclusive(folder / STUDY):
        aside.take_what_is_no_file((FINALISTS, CHECKPOINTS), Path.is_dir)
        aside.take_what_is_no_file((REPORT, TRIALS, *_within(folder, CHECKPOINTS)))
        begun = os.path.lexists(folder / CONFIG) or may_have_trials(folder / STUDY)
        _repair_files(manifest, aside, _vouched, begun=begun)
        config = _recorded(folder)
        log = _repair_log(manifest, aside, config)
        codes = [] if config is None else config.codes
        lost = any(one.path is not None and copy_of(one) not in manifest for one in codes)
        needs = "RUN_FILE" if config is None or lost else ""
    command = f"nas search {needs or shlex.quote(str(folder / CONFIG))} --out {shlex.quote(str(folder))} --resume"
    if codes and not needs:
        command += " --allow-code"
    return aside.repaired(log, command, needs)


def _repair_comparison(folder: Path) -> Repaired:
    aside, manifest = _Aside(folder), Manifest(folder)
    aside.take_what_is_no_file((f"{comparison.RECORD}.lock", f"{comparison.RECORD}.holder"))
    with exclusive(folder / comparison.RECORD):
        aside.take_what_is_no_file((comparison.UNITS,), Path.is_dir)
        begun = os.path.lexists(folder / comparison.UNITS)
        _repair_files(manifest, aside, comparison.vouched, begun=begun)
        if comparison.RECORD not in manifest:
            for name in [name for name in manifest if name.startswith(f"{comparison.UNITS}/")]:
                aside.take(name, f"was made by what {comparison.RECORD} said, which is lost")
                manifest.forget(name)
    needs = "COMPARISON_FILE"
    return aside.repaired("", f"nas compare {needs} --out {shlex.quote(str(folder))} --resume", needs)


def _repair_files(
    manifest: Manifest, aside: _Aside, vouched: Callable[[Path], Mapping[str, bool]], *, begun: bool
) -> None:
    """Takes damaged files out of the manifest. One that is itself damaged, or missing where something was `begun`, is
    made anew from the files that are vouched for without it; the others are set aside."""
    try:
        damage = manifest.damage()
    except (Damaged, StorageError) as error:
        if not is_lost(error):
            raise
        aside.take(MANIFEST, _reason(error, manifest.path))
        damage = {}
    if refused := [wrong for wrong in damage.values() if not is_lost(wrong)]:
        raise refused[0]
    for name, wrong in damage.items():
        aside.take(name, _reason(wrong, manifest.folder / name))
        manifest.forget(name)
    if not os.path.lexists(manifest.path) and (begun or MANIFEST in aside.damaged):
        aside.damaged.setdefault(MANIFEST, "is missing")
        files = {
            name: right for name, right in vouched(manifest.folder).items() if os.path.lexists(manifest.folder / name)
        }
        for name in (name for name, right in files.items() if not right):
            aside.take(name, f"is vouched for by nothing without {MANIFEST}")
        manifest.adopt(*(name for name, right in files.items() if right))


def _vouched(folder: Path) -> Mapping[str, bool]:
    """The files of a run, and whether each is right by what it and others carry: where there is no manifest."""
    config = _recorded(folder)
    hashes: dict[str, str] = {}  # of the files that records tell of
    found = {CONFIG: config is not None, SPACE: config is not None and _is_space(config)}
    for code in [] if config is None else config.codes:
        if code.path is not None and code.path.is_file():
            found[copy_of(code)] = sha256(read_bytes(code.path)) == code.sha256
    for name in (FINAL, *(name for name in _within(folder, FINALISTS) if name.endswith(".json"))):
        try:
            record = parse_record(read_bytes(folder / name), folder / name)
        except (Damaged, StorageError):
            found[name] = False
            continue
        found[name] = True
        if name == FINAL:
            hashes |= record["files"]
        elif "weights" in record:  # or it says why there are none
            hashes[f"{name.removesuffix('.json')}.safetensors"] = record["weights"]
    for name in (*FILES, *(name for name in _within(folder, FINALISTS) if not name.endswith(".json"))):
        path = folder / name
        found[name] = path.is_file() and sha256(read_bytes(path)) == hashes.get(name)
    return found


def _recorded(folder: Path) -> RunConfig | None:
    """The run file of a run, if it can be read and says what the run belongs to."""
    try:
        draft = read_config(folder / CONFIG)
        _identity(draft.config)
    except (ArchwrightError, LookupError, TypeError):
        return None
    return draft.config if draft.wrong <= {"space"} else None


def _identity(config: RunConfig) -> Mapping[str, Any]:
    """What a run belongs to, by its own record. Raises LookupError or TypeError if it has none."""
    recorded = config.recorded
    identity = identity_of(config, space=recorded["space"]["sha256"], data=recorded["data"]["sha256"])
    return plain_identity(identity, config.objectives)


def _is_space(config: RunConfig) -> bool:
    try:
        return bool(make_space(config).fingerprint == config.recorded["space"]["sha256"])
    except ArchwrightError:
        return False


def _repair_log(manifest: Manifest, aside: _Aside, config: RunConfig | None) -> str:
    """Puts in the place of a damaged log what can be read of it. Returns what became of it."""
    path = manifest.folder / STUDY
    empty = Log() if config is None else Log(config.name, _identity(config))
    if not os.path.lexists(path):
        if not list(manifest):
            return ""  # nothing was begun
        aside.damaged[STUDY] = "is missing"
        write_log(path, empty)
        return f"{STUDY} is lost with all its trials; the search begins again"
    try:
        read_log(path)
        return ""
    except (Damaged, StorageError) as error:
        if not is_lost(error):
            raise
        reason = _reason(error, path)
    try:
        found, content = salvage(path), read_bytes(path)
    except StorageError as error:
        if not is_lost(error):
            raise
        aside.take(STUDY, reason)
        write_log(path, empty)
        return f"{STUDY} cannot be read at all; the search begins again"
    if config is not None:
        found = replace(found, name=config.name, identity=_identity(config))
    if found.seen and (found.name is None or found.identity is None):
        raise Damaged(
            f"{path} {reason}; {len(found.trials)} of its trials can be read, and nothing says what they belong to: "
            f"put a copy of {CONFIG} back"
        )
    aside.copy(STUDY, content, reason)
    if found.later:
        keep_salvaged(manifest, found.later)
    aside.take_if_there(f"{STUDY}-journal", "belongs to the damaged log")
    write_log(path, found)
    return _told(found)


def _told(log: Log) -> str:
    lost = log.seen - len(log.trials) - len(log.later)
    text = f"{len(log.trials)} of {log.seen} trials were read from the damaged {STUDY} and are kept"
    if log.later:
        text += f"; the results of {len(log.later)} behind a damaged one are recalled when the search comes to them"
    return text + (f"; {lost} are lost, and made again" if lost else "")


def _reason(error: ArchwrightError, path: Path) -> str:
    return str(error).removeprefix(f"{path} ")


def _within(folder: Path, name: str) -> list[str]:
    path = folder / name
    return sorted(f"{name}/{inner.name}" for inner in path.iterdir()) if path.is_dir() else []
