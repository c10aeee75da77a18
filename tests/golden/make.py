"""Writes the run of this folder: `python -m tests.golden.make` from the top of the project.

It is the run that every later version must read. Where a format changes before the first release, it is written anew;
after a release it stays, and the run of the new format comes into a folder beside it.
"""

import json
import shutil
import tempfile
from pathlib import Path

from nas.runs.run import run
from nas.runs.summary import read_run
from tests.tiny_run import write_run

FOLDER = Path(__file__).parent / "run"
"""The folder of the run, without its page, which every version makes in its own way."""
TRIALS = Path(__file__).with_name("trials.json")
"""What its trials are."""


def described(folder: Path) -> list[dict[str, object]]:
    """The trials of a run as plain data, without their curves."""
    found = []
    for trial in read_run(folder).trials:
        numbers = {name: value for name, value in trial.metrics.items() if not isinstance(value, tuple)}
        whole = {key: value for key, value in vars(trial).items() if key not in ("proposal", "metrics", "clock")}
        choices = dict(trial.architecture.choices)
        proposal = {"epochs": trial.proposal.epochs, "parent": trial.proposal.parent}
        found.append({"id": trial.architecture.id, "choices": choices, **proposal, **whole, "metrics": numbers})
    plain: list[dict[str, object]] = json.loads(json.dumps(found))
    return plain


def make() -> None:
    """Makes the run and the list of its trials anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        run(write_run(Path(folder)), out=FOLDER)
    (FOLDER / "report.html").unlink()
    for process in FOLDER.glob("study.db.*"):
        process.unlink()
    TRIALS.write_text(json.dumps(described(FOLDER), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    make()
