"""`nas repair` says what was damaged, where it is now, and what to do next."""

import json
from pathlib import Path

from tests.cli.conftest import Command


def test_a_folder_without_damage(finished: Path, nas: Command) -> None:
    done = nas("repair", finished)
    assert (done.code, done.out, done.err) == (0, f"{finished}: no damaged files\n", "")


def test_damaged_files(copied: Path, nas: Command) -> None:
    (copied / "final/model.py").write_text("damaged")
    (copied / "space.yaml").unlink()
    size = len("damaged")
    done = nas("repair", copied)
    assert (done.code, done.err) == (0, "")
    first, model, space, *rest = done.out.splitlines()
    assert first == f"{copied}: damaged files"
    assert model.startswith("  final/model.py  is corrupt: expected ")
    assert model.endswith(f" bytes, got {size}")
    assert space == "  space.yaml      is missing"
    assert rest == [
        f"Those that exist were moved to {copied}/damaged/1.",
        "To recreate the rest:",
        f"  nas search RUN_FILE --out {copied} --resume",
        "where RUN_FILE is the original file.",
    ]


def test_json(copied: Path, nas: Command) -> None:
    (copied / "study.db").unlink()
    found = json.loads(nas("repair", copied, "--json").out)
    assert list(found) == ["folder", "damaged", "aside", "log", "command", "needs"]
    assert found["damaged"] == {"study.db": "is missing"}
    assert found["log"].startswith("study.db is lost with all its trials")


def test_a_folder_of_nothing(tmp_path: Path, nas: Command) -> None:
    done = nas("repair", tmp_path)
    assert (done.code, done.out, done.err) == (2, "", f"nas: {tmp_path} holds no run and no comparison\n")
