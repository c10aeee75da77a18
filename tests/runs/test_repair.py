"""What becomes of a folder with damaged files: it is said, there is a way out, and that leads to the same content."""

import errno
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import optuna
import pytest

from nas.driver.lock import exclusive
from nas.driver.log import read_log
from nas.errors import Damaged, IntegrityError, StorageError, UsageError
from nas.evaluate import Train
from nas.folders import Check, Repaired
from nas.manifest import Manifest
from nas.repairs import repair
from nas.runs.config import CONFIG
from nas.runs.folder import LAYOUT, SPACE
from nas.runs.network import network_contents
from nas.runs.report import write_report
from nas.runs.run import run
from nas.runs.summary import read_run
from tests.tiny_run import Crash, contents, outcome, rows, write_run

pytestmark = pytest.mark.usefixtures("no_drawing")

Damage = Callable[[Path], None]


def resume(folder: Path, *, with_own: bool = False) -> None:
    """With the run file that the folder was begun with, or with the folder's own."""
    run(folder / "config.yaml" if with_own else write_run(folder.parent), out=folder, resume=True)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[3 if path.suffix == ".db" else len(data) // 2] ^= 4
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "file").touch()


DAMAGE: Mapping[str, Damage] = {"flipped bit": flip, "cut off": cut, "missing": Path.unlink, "a folder": make_folder}

FOLLOWS = {name for part in LAYOUT.parts if part.source == "the finalists" for name in part.names}
"""What is recreated from finalists, log and data."""
GIVEN = {CONFIG, SPACE}
"""What is recreated from the files that the run was started with."""
UNCHECKED = {*LAYOUT.names(Check.NONE, Check.PROCESS)}
"""What no command reads, and every command that needs it writes again."""


def same(folder: Path, finished: Path) -> None:
    """A folder is what an undamaged run left, but for what says how long something took or when."""
    assert outcome(folder) == outcome(finished)
    found, expected = (
        {name: data for name, data in contents(each).items() if not name.startswith("damaged/")}
        for each in (folder, finished)
    )
    assert found.keys() == expected.keys()
    timed = {name for name in expected if name.startswith("finalists/") and name.endswith(".json")}
    for name in expected.keys() - timed - {"study.db", "manifest.json", *UNCHECKED}:
        assert found[name] == expected[name], name
    for name in timed:
        old, new = (json.loads(each[name]) for each in (expected, found))
        assert {**old, "seconds": 0, "checksum": ""} == {**new, "seconds": 0, "checksum": ""}


# Every file, every damage: the run stops with the name of the file and the way out, and changes nothing.


@pytest.mark.slow
@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_said_with_the_way_out(kind: str, finished: Path, copied: Path) -> None:
    for name in sorted(set(contents(finished)) - UNCHECKED):
        path = copied / name
        DAMAGE[kind](path)
        before = contents(copied)
        with pytest.raises(Damaged, match=rf"\b{path.name}\b") as caught:
            resume(copied)
        said = [f"nas repair {copied} moves damaged files aside, and says what to do next"]
        assert caught.value.__notes__ == said, name
        assert contents(copied) == before
        for read in (write_report, network_contents):
            try:
                read(copied)  # one that does not need the file
            except Damaged as error:
                assert error.__notes__ == said  # noqa: PT017
        shutil.rmtree(path, ignore_errors=True)
        shutil.copy(finished / name, path)
    resume(copied)
    same(copied, finished)


@pytest.mark.parametrize("kind", DAMAGE)
def test_all_but_the_log_is_made_again(kind: str, finished: Path, copied: Path) -> None:
    before = contents(copied)
    names = sorted(set(before) - {"study.db", "study.db.lock", "manifest.json"})
    for name in names:
        DAMAGE[kind](copied / name)
    broken = dict(contents(copied))
    found = repair(copied)
    unnoticed = set() if kind == "a folder" else UNCHECKED
    assert set(found.damaged) == set(names) - unnoticed
    assert (found.aside, found.log) == (None if kind == "missing" else copied / "damaged" / "1", "")
    assert found.command == f"nas search RUN_FILE --out {copied} --resume"
    broken.pop("manifest.json")
    for name, data in broken.items():  # nothing is thrown away
        assert data == (copied / name if (copied / name).exists() else copied / "damaged/1" / name).read_bytes()
    assert repair(copied) == Repaired(copied, {}, None, "", "", "")
    resume(copied)
    same(copied, finished)


def test_the_original_file_is_needed_for_what_comes_from_it(finished: Path, copied: Path) -> None:
    for name in sorted(set(contents(finished)) - UNCHECKED):
        (copied / name).unlink()
        assert repair(copied).needs == ("RUN_FILE" if name in GIVEN else ""), name
        shutil.rmtree(copied)
        shutil.copytree(finished, copied)


def test_a_run_goes_on_with_its_own_file(finished: Path, copied: Path) -> None:
    for name in (*FOLLOWS, *(str(path.relative_to(copied)) for path in copied.glob("finalists/*"))):
        flip(copied / name)
    assert repair(copied).command == f"nas search {copied / 'config.yaml'} --out {copied} --resume"
    resume(copied, with_own=True)
    same(copied, finished)


def test_what_is_in_the_way_of_the_lock(finished: Path, copied: Path) -> None:
    make_folder(copied / "study.db.lock")
    for name in ("study.db.holder", "study.db.fault"):
        (copied / name).mkdir()
    shutil.rmtree(copied / "finalists")
    (copied / "finalists").touch()
    (copied / "checkpoints").touch()
    with pytest.raises(StorageError, match=r"study\.db\.lock cannot be locked") as caught:
        resume(copied)
    assert "nas repair" in caught.value.__notes__[0]
    repair(copied)
    resume(copied)
    same(copied, finished)


# The log.


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The networks that are trained from now on."""
    asked: list[str] = []
    train = Train.__call__

    def note(self: Train, arch: Any, **options: Any) -> Any:
        asked.append(arch.id)
        return train(self, arch, **options)

    monkeypatch.setattr(Train, "__call__", note)
    return asked


def damage_trial(path: Path, number: int) -> None:
    """A digit of a trial's score, which SQLite does not notice."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "UPDATE trial_user_attributes SET value_json = replace(value_json, '0', '8') "
            "WHERE key = 'scores' AND trial_id = (SELECT trial_id FROM trials WHERE number = ?)",
            (number,),
        )
    connection.close()


def test_one_damaged_trial_costs_one_trial(finished: Path, copied: Path, trained: list[str]) -> None:
    """Those before it are kept, and those behind it recalled when the search comes to them."""
    whole = read_run(finished).trials
    damage_trial(copied / "study.db", 1)
    with pytest.raises(Damaged, match=r"study\.db: trial 1 was altered"):
        resume(copied)
    found = repair(copied)
    assert list(found.damaged) == ["study.db"]
    assert found.log == (
        "1 of 6 trials of the damaged study.db are kept; the results of 4 later trials are reused when the search "
        "reaches them; 1 is lost and will be repeated"
    )
    with pytest.raises(Damaged):
        read_log(copied / "damaged/1/study.db")
    assert [trial.number for trial in read_run(copied).trials] == [0]
    resume(copied)
    assert trained == [whole[1].architecture.id]
    again = read_run(copied).trials
    assert [trial for trial in again if trial.number != 1] == [trial for trial in whole if trial.number != 1]
    same(copied, finished)


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_log(kind: str, finished: Path, copied: Path) -> None:
    for name in ("study.db-journal", "study.db"):
        (copied / name).touch()
        DAMAGE[kind](copied / name) if name == "study.db" else None
    found = repair(copied)
    assert "study.db" in found.damaged
    expected = {
        "flipped bit": "6 of 6 trials of the damaged study.db are kept",
        "cut off": "0 of 0 trials of the damaged study.db are kept",
        "missing": "study.db is lost with all its trials; the search starts again",
        "a folder": "study.db cannot be read at all; the search starts again",
    }
    assert found.log == expected[kind]
    assert found.command == f"nas search {copied / 'config.yaml'} --out {copied} --resume"
    assert repair(copied).damaged == {}
    write_report(copied)
    with pytest.raises(UsageError, match="holds a run already"):  # its network is there
        run(write_run(copied.parent), out=copied)
    resume(copied)
    same(copied, finished)


def test_a_log_that_says_no_more_what_it_belongs_to(finished: Path, copied: Path) -> None:
    for statement in (
        "UPDATE study_user_attributes SET value_json = replace(value_json, '\"seed\": 0', '\"seed\": 8')",
        "UPDATE trial_params SET distribution_json = replace(distribution_json, 'silu', 'sild')",
    ):
        connection = sqlite3.connect(copied / "study.db")
        with connection:
            connection.execute(statement)
        connection.close()
        with pytest.raises(Damaged, match="altered"):
            resume(copied)
        assert "nothing" not in repair(copied).log
        resume(copied)
        same(copied, finished)


def test_a_log_and_the_file_that_says_what_it_belongs_to(copied: Path) -> None:
    kept = (copied / "config.yaml").read_bytes()
    connection = sqlite3.connect(copied / "study.db")
    with connection:
        connection.execute("DELETE FROM study_user_attributes")
    connection.close()
    (copied / "config.yaml").unlink()
    before = (copied / "study.db").read_bytes()
    for _ in range(2):
        with pytest.raises(
            Damaged, match=r"6 of its trials can be read, but not to which run .* put a copy of config\.yaml"
        ):
            repair(copied)
        assert (copied / "study.db").read_bytes() == before
    (copied / "config.yaml").write_bytes(kept)
    assert repair(copied).log.startswith("6 of 6 trials")
    resume(copied)


# The manifest.


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_manifest(kind: str, finished: Path, copied: Path, trained: list[str]) -> None:
    """Records carry checksums, and hold those of other files; the log says what the run file must be."""
    DAMAGE[kind](copied / "manifest.json")
    found = repair(copied)
    assert list(found.damaged) == ["manifest.json"]
    assert set(Manifest(copied)) == set(Manifest(finished))
    resume(copied)
    assert trained == []
    same(copied, finished)


def test_files_that_nothing_vouches_for_without_a_manifest(finished: Path, copied: Path) -> None:
    (copied / "manifest.json").unlink()
    weights, other = sorted(copied.glob("finalists/*.safetensors"))
    record = other.with_suffix(".json")
    for path in (weights, record, copied / "final/model.py", copied / "space.yaml"):
        flip(path)
    found = repair(copied)
    wrong = {
        "manifest.json",
        "final/model.py",
        "space.yaml",
        *(f"finalists/{path.name}" for path in (weights, record, other)),
    }
    assert set(found.damaged) == wrong
    resume(copied)
    same(copied, finished)


# What is no damage.


def test_what_cannot_be_read_for_want_of_a_permission(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(copied)
    read = Path.read_bytes

    def refuse(self: Path) -> bytes:
        if self.name == "model.py":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return read(self)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refuse)
        for act in (resume, repair):
            with pytest.raises(StorageError, match=r"model\.py cannot be read: Permission denied") as caught:
                act(copied)
            assert not hasattr(caught.value, "__notes__")
    assert contents(copied) == before


def test_a_disk_that_does_not_give_a_file_back(finished: Path, copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes

    def fail(self: Path) -> bytes:
        if self in (copied / "final/model.py", copied / "study.db"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return read(self)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", fail)
        with pytest.raises(StorageError, match=r"model\.py cannot be read: Input/output error") as caught:
            resume(copied)
        assert "nas repair" in caught.value.__notes__[0]
        assert repair(copied).damaged == {"final/model.py": "cannot be read: Input/output error"}
    resume(copied)
    same(copied, finished)


def test_a_folder_in_use(copied: Path) -> None:
    flip(copied / "final/model.py")
    before = contents(copied)
    with exclusive(copied / "study.db"), pytest.raises(StorageError, match="in use"):
        repair(copied)
    assert contents(copied) == before


def test_a_study_of_another_program(copied: Path) -> None:
    optuna.create_study(storage=f"sqlite:///{copied / 'study.db'}", study_name="other").add_trial(
        optuna.trial.create_trial(value=1.0)
    )
    before = contents(copied)
    for act in (resume, repair):
        with pytest.raises(IntegrityError, match=r"study\.db holds "):
            act(copied)
        assert contents(copied) == before


def test_a_repair_that_is_killed_goes_on(finished: Path, copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before each move of a file, until it comes to its end."""
    for name in ("final/model.py", "final.json", "manifest.json"):
        flip(copied / name)
    damage_trial(copied / "study.db", 2)
    calls = 0
    for allowed in range(30):
        left = allowed
        with monkeypatch.context() as patch:
            for name in ("replace", "rename"):
                original = getattr(os, name)

                def armed(*args: Any, original: Any = original) -> None:
                    nonlocal left
                    if not left:
                        raise Crash
                    left -= 1
                    original(*args)

                patch.setattr(os, name, armed)
            try:
                repair(copied)
                break
            except Crash:
                calls += 1
    assert calls > 4
    assert repair(copied).damaged == {}
    resume(copied)
    same(copied, finished)


def test_a_run_that_was_begun_and_no_more(tmp_path: Path) -> None:
    """Refused before its first trial: the next start takes the folder, with another run file too."""
    config = write_run(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "nas.runs.stages.search_on", lambda *args, **options: (_ for _ in ()).throw(UsageError("too large"))
        )
        with pytest.raises(UsageError, match="too large"):
            run(config, out=tmp_path / "run")
    assert repair(tmp_path / "run").damaged == {}
    config.write_text(config.read_text().replace("name: tiny", "name: other").replace("replay: 5", "replay: 7"))
    run(config, out=tmp_path / "run")
    assert len(rows(tmp_path / "run")) == 6
