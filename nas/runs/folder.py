"""The folder of a run: the names of its files, what each of them is recreated from, and whether they are all there."""

import os
from pathlib import Path

from nas.errors import Damaged
from nas.final import DIAGNOSIS, PREDICTIONS
from nas.folders import Check, Layout, Part
from nas.manifest import MANIFEST, Manifest
from nas.network_files import NETWORK
from nas.runs.config import CONFIG

SPACE, STUDY, FINAL = "space.yaml", "study.db", "final.json"
SALVAGED = "salvaged.json"
ENDED = "search.json"
BASELINES = "baselines.json"
CHECKPOINTS, FINAL_CHECKPOINTS = "checkpoints", "final_checkpoints"
TUNING = "tuning.json"
FINALISTS = "finalists"
HANDED_OVER = "handed_over"
CODE = "code"
REPORT, TRIALS = "report.html", "trials.csv"

LAYOUT = Layout(
    locked=STUDY,
    parts=(
        Part(
            (CONFIG,),
            "the run file with every default, and what was recorded: versions, device, data; itself a run file",
            "the run file",
            distinctive=True,
        ),
        Part((SPACE,), "a copy of the space file", "the space file"),
        Part((f"{CODE}/",), "copies of the files with the user's own code", "these files"),
        Part(
            (STUDY,),
            "the log of the search, an Optuna study in SQLite; each trial has a checksum",
            "trainings",
            Check.OWN,
            distinctive=True,
        ),
        Part(
            tuple(f"{STUDY}.{end}" for end in ("lock", "holder", "fault")),
            "the process that works on the run, and why it died",
            check=Check.PROCESS,
        ),
        Part((f"{CHECKPOINTS}/",), "paused trainings, while the search runs; they only save time", check=Check.NONE),
        Part(
            (f"{FINAL_CHECKPOINTS}/",),
            "full trainings of finalists, while they last; they only save time",
            check=Check.NONE,
        ),
        Part((f"{HANDED_OVER}/",), "files on their way from a worker process to their places", check=Check.NONE),
        Part((ENDED,), "why the search ended", "the log"),
        Part((SALVAGED,), "results of trials after a damaged one, until the search has used them; they only save time"),
        Part((TUNING,), "the hyper-parameters that were tried, and what came of them", "the log and the data"),
        Part(
            (f"{FINALISTS}/",),
            "the networks that were trained in full, and why others could not be trained",
            "the log and the data",
        ),
        Part(
            (FINAL,),
            "which finalist was selected, its figures, and on what data they were measured",
            "the finalists",
            distinctive=True,
        ),
        Part(
            (f"{NETWORK}/",),
            "the selected network: its layers, its weights and its code, how its inputs are prepared and what its "
            "outputs mean",
            "the finalists and the data",
        ),
        Part(
            (PREDICTIONS,),
            "what it predicts for the test data, or the validation data without any: `part`, and of at most 100,000 "
            "samples `places`, `targets` and `predictions` (probabilities or values)",
            "the finalists and the data",
        ),
        Part((DIAGNOSIS,), "where it is right and wrong, and the hardest samples", "the finalists and the data"),
        Part((BASELINES,), "the trivial baseline and the reference line", "the data"),
        Part((REPORT, TRIALS), "for people, and for other programs", "all of the above", Check.NONE),
        Part((MANIFEST,), "the checksums of the other files", "the files, which verify one another", Check.OWN),
    ),
)
"""The files of a run. `--resume` recreates what is missing; `nas report` recreates the report alone."""


def holds_run(folder: Path) -> bool:
    """Whether a folder holds results of a run: a trial, a log that cannot be read, or a finalist."""
    from nas.driver.log import may_have_trials

    return may_have_trials(folder / STUDY) or any(os.path.lexists(folder / name) for name in (FINAL, FINALISTS))


def check_whole(folder: Path) -> None:
    """Raises Damaged if a run was begun, and its log or its manifest is missing."""
    manifest = Manifest(folder)
    if os.path.lexists(folder / CONFIG) and not os.path.lexists(manifest.path):
        raise Damaged(f"{manifest.path} is missing, and with it the checksums of all other files")
    if CONFIG in manifest and not os.path.lexists(folder / STUDY):
        raise Damaged(f"{folder / STUDY} is missing, the log that all else follows from")
