"""The repair of the folder of a run.

What can be read of a damaged log is saved: the trials before the first damaged one remain, and the
results of later ones are kept for the search to use.
"""

import os
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nas.driver.identity import plain_identity
from nas.driver.log import Log, may_have_trials, read_log, write_log
from nas.driver.salvage import salvage
from nas.errors import ArchwrightError, Damaged, StorageError
from nas.files import read_bytes, sha256
from nas.final import DIAGNOSIS, PREDICTIONS
from nas.folders import Aside, Kind, Rest
from nas.folders.damage import is_lost, reason_of
from nas.folders.layout import within
from nas.manifest import Manifest
from nas.network_files import NETWORK, NETWORK_FILES
from nas.runs.config import CONFIG, RunConfig, read_config
from nas.runs.finalists import hashes_of
from nas.runs.folder import BASELINES, ENDED, FINAL, FINALISTS, LAYOUT, SPACE, STUDY
from nas.runs.prepare import make_space
from nas.runs.record import copy_of, identity_of
from nas.runs.salvaged import keep_salvaged
from nas.sealed import parse_record


def _is_begun(folder: Path) -> bool:
    return os.path.lexists(folder / CONFIG) or may_have_trials(folder / STUDY)


def _vouched(folder: Path) -> Mapping[str, bool]:
    """Records have checksums of their own, and contain those of weights; the log has the identity of the run file."""
    config = _recorded(folder)
    hashes: dict[str, str] = {}  # of the files that records describe
    found = {CONFIG: config is not None, SPACE: config is not None and _is_space(config)}
    for code in [] if config is None else config.codes:
        if code.path is not None and code.path.is_file():
            found[copy_of(code)] = sha256(read_bytes(code.path)) == code.sha256
    finalists = within(folder, FINALISTS)
    for name in (FINAL, ENDED, BASELINES, *(name for name in finalists if name.endswith(".json"))):
        try:
            record = parse_record(read_bytes(folder / name), folder / name)
        except (Damaged, StorageError):
            found[name] = False
            continue
        found[name] = True
        if name == FINAL:
            hashes |= {**record["files"], **record.get("judged", {})}
        elif name.startswith(f"{FINALISTS}/"):
            hashes |= hashes_of(name, record)
    network = {name: f"{NETWORK}/{name}" for name in NETWORK_FILES if not os.path.lexists(folder / name)}
    weights = [name for name in finalists if not name.endswith(".json")]
    for name in (*NETWORK_FILES, PREDICTIONS, DIAGNOSIS, *weights):
        place = network.get(name, name)
        path = folder / place
        found[place] = path.is_file() and sha256(read_bytes(path)) == hashes.get(name)
    return found


def _finish(manifest: Manifest, aside: Aside) -> Rest:
    """Saves what can be read of a damaged log, and says how to resume the run."""
    config = _recorded(manifest.folder)
    log = _repair_log(manifest, aside, config)
    codes = [] if config is None else config.codes
    sources = [SPACE, *(copy_of(one) for one in codes if one.path is not None)]
    needs = "RUN_FILE" if config is None or any(name not in manifest for name in sources) else ""
    folder = shlex.quote(str(manifest.folder))
    command = f"nas search {needs or shlex.quote(str(manifest.folder / CONFIG))} --out {folder} --resume"
    if codes and not needs:
        command += " --allow-code"
    return Rest(log, command, needs)


RUN = Kind("run", LAYOUT, _is_begun, _vouched, _finish)
"""The folder of a run."""


def _recorded(folder: Path) -> RunConfig | None:
    """The run file in the folder, if it can be read and records the identity of the run."""
    try:
        draft = read_config(folder / CONFIG)
        _identity(draft.config)
    except (ArchwrightError, LookupError, TypeError):
        return None
    return draft.config if draft.wrong <= {"space"} else None


def _identity(config: RunConfig) -> Mapping[str, Any]:
    """The identity of a run, as its run file records it. Raises LookupError or TypeError if there is none."""
    recorded = config.recorded
    identity = identity_of(config, space=recorded["space"]["sha256"], data=recorded["data"]["sha256"])
    return plain_identity(identity, config.objectives)


def _is_space(config: RunConfig) -> bool:
    try:
        return bool(make_space(config).fingerprint == config.recorded["space"]["sha256"])
    except ArchwrightError:
        return False


def _repair_log(manifest: Manifest, aside: Aside, config: RunConfig | None) -> str:
    """Replaces a damaged log by what can be read of it, and says in a sentence what that is."""
    path = manifest.folder / STUDY
    empty = Log() if config is None else Log(config.name, _identity(config))
    if not os.path.lexists(path):
        if not list(manifest):
            return ""  # nothing was begun
        aside.damaged[STUDY] = "is missing"
        write_log(path, empty)
        return f"{STUDY} is lost with all its trials; the search starts again"
    try:
        read_log(path)
        return ""
    except (Damaged, StorageError) as error:
        if not is_lost(error):
            raise
        reason = reason_of(error, path)
    try:
        found, content = salvage(path), read_bytes(path)
    except StorageError as error:
        if not is_lost(error):
            raise
        aside.take(STUDY, reason)
        write_log(path, empty)
        return f"{STUDY} cannot be read at all; the search starts again"
    if config is not None:
        found = replace(found, name=config.name, identity=_identity(config))
    if found.seen and (found.name is None or found.identity is None):
        raise Damaged(
            f"{path} {reason}; {len(found.trials)} of its trials can be read, but not to which run they belong: "
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
    text = f"{len(log.trials)} of {log.seen} trials of the damaged {STUDY} are kept"
    if log.later:
        text += f"; the results of {len(log.later)} later trials are reused when the search reaches them"
    return text + (f"; {lost} {'is' if lost == 1 else 'are'} lost and will be repeated" if lost else "")
