"""A run whose data, controller and evaluator are code of the user's own, and what is done with such a run later."""

import contextlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from nas.errors import IntegrityError, SpecError, UsageError
from nas.files import sha256
from nas.manifest import Manifest
from nas.repairs import repair
from nas.runs.config import load_config
from nas.runs.network import network_contents
from nas.runs.report import write_report
from nas.runs.run import run
from nas.runs.summary import explain, read_run
from nas.settings import identity

pytestmark = pytest.mark.usefixtures("no_drawing")

MINE = '''
import os
from pathlib import Path

import numpy as np

import nas
from nas.controllers import draw_other

if "OWN_CODE_SEEN" in os.environ:
    Path(os.environ["OWN_CODE_SEEN"]).touch()


def blobs(*, samples: int = 60) -> nas.Dataset:
    """Points around three centres."""
    labels = np.arange(samples) % 3
    inputs = np.random.default_rng(0).normal(size=(samples, 4)) + labels[:, None]
    return nas.from_arrays(inputs, labels, name="blobs")


class Drawing:
    """Draws at random."""

    def __init__(self, space: nas.Space, *, tries: int = 5) -> None:
        self.space, self.tries = space, tries

    def ask(self, rng, pending=()):
        return nas.Proposal(draw_other(lambda: self.space.sample(rng), self.space, rng, pending))

    def tell(self, trial):
        pass


def small(data: nas.Dataset, *, scale: float = 1e-3):
    """The fewer parameters the better."""

    def score(arch, *, epochs, seed):
        assert data.name == "blobs"
        return {"val_acc": 1 / (1 + scale * arch.params)}

    return score
'''
RUN = """
space: space.yaml
data: {mine.py:blobs: {samples: 45}}
controller: {distinct: {controller: {mine.py:Drawing: {tries: 3}}}}
evaluator: {mine.py:small: {scale: 0.01}}
budget: {trials: 4}
final: {top: 1, epochs: 1}
device: cpu
workers: in_process
threads: 1
"""
SPACE = "layers: [{linear: {units: {choice: [2, 4, 8, 16]}}}, {choice: [relu, tanh]}, {linear: {units: outputs}}]\n"


def write(folder: Path) -> Path:
    """A run file and all that it names."""
    for name, text in {"mine.py": MINE, "space.yaml": SPACE, "own.yaml": RUN}.items():
        (folder / name).write_text(text)
    return folder / "own.yaml"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run, beside its run file."""
    folder = tmp_path_factory.mktemp("own")
    run(write(folder), out=folder / "run")
    return folder / "run"


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    """A copy of all; the run is in `run`."""
    shutil.copytree(finished.parent, tmp_path / "own")
    return tmp_path / "own" / "run"


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file that appears when the code is imported, here for the first time."""
    for name in [name for name in sys.modules if name.startswith("mine_")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setenv("OWN_CODE_SEEN", str(tmp_path / "seen"))
    yield tmp_path / "seen"
    for name in [name for name in sys.modules if name.startswith("mine_")]:
        del sys.modules[name]


def test_a_run_of_ones_own_parts(finished: Path) -> None:
    found = read_run(finished)
    assert (found.data, found.evaluator, found.controller) == ("blobs", "mine.py:small", "distinct")
    assert found.controller_settings == {"controller": {"mine.py:Drawing": {"tries": 3}}, "tries": 10}
    assert [trial.error for trial in found.trials] == [None] * 4
    assert found.trials[0].metrics["val_acc"] == 1 / (1 + 0.01 * found.trials[0].architecture.params)
    hash = sha256(MINE.encode())
    assert (finished / f"code/{hash[:12]}/mine.py").read_text() == MINE, "the folder holds what the run was made with"
    recorded = load_config(finished / "config.yaml").recorded
    assert set(recorded["code"].values()) == {hash}
    assert f"code/{hash[:12]}/mine.py" in Manifest(finished)


def test_nothing_is_imported_because_a_run_says_so(copied: Path, seen: Path) -> None:
    config = load_config(copied / "config.yaml")
    assert [code.trusted for code in config.codes] == [False, False, False]
    read_run(copied)
    assert network_contents(copied)
    assert repair(copied).damaged == {}
    for read in (write_report, explain):
        with pytest.raises(UsageError, match=r"mine\.py:Drawing is code in .*code/.*/mine\.py.*--allow-code"):
            read(copied)
    with pytest.raises(SpecError) as caught:
        run(copied / "config.yaml", out=copied, resume=True)
    assert "data.mine.py:blobs: mine.py:blobs is code in" in str(caught.value)
    assert not seen.exists()


def test_what_a_run_is_asked_for_is_imported(copied: Path, seen: Path) -> None:
    write_report(copied, allow_code=True)
    assert explain(copied, allow_code=True).importances is not None
    assert seen.exists()
    result = run(copied / "config.yaml", out=copied, resume=True, allow_code=True)
    assert result.trials == 4


@pytest.mark.parametrize("key", ["data", "controller", "evaluator"])
@pytest.mark.parametrize("name", ["mine.py:Drawing", "own_hostile.Drawing"])
def test_a_hostile_folder_imports_nothing(
    key: str, name: str, copied: Path, seen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run folder that somebody made: its manifest is right, and its code is wherever it likes."""
    (copied.parent / "own_hostile.py").write_text(MINE)
    monkeypatch.syspath_prepend(str(copied.parent))
    content = yaml.safe_load((copied / "config.yaml").read_text())
    content[key] = {f"../{name}" if ":" in name else name: {}}
    uses = (
        read_run,
        write_report,
        explain,
        repair,
        lambda folder: run(folder / "config.yaml", out=folder, resume=True),
    )
    for left_out in ("nothing", "recorded"):
        text = yaml.safe_dump({key: value for key, value in content.items() if key != left_out})
        Manifest(copied).write("config.yaml", text.encode())
        for use in uses:
            with contextlib.suppress(UsageError, IntegrityError, LookupError):
                use(copied)
    assert not seen.exists()
    assert "own_hostile" not in sys.modules


def test_a_damaged_folder_of_ones_own_code(copied: Path, seen: Path) -> None:
    (name,) = [name for name in Manifest(copied) if name.startswith("code/")]
    (copied / "final/architecture.yaml").write_text("damaged")
    assert repair(copied).command.endswith("config.yaml --out " + str(copied) + " --resume --allow-code")
    (copied / "manifest.json").unlink()
    assert set(repair(copied).damaged) == {"manifest.json"}, "the recorded hash vouches for the code"
    (copied / name).write_text("damaged")
    found = repair(copied)
    assert set(found.damaged) == {name}
    assert found.command == f"nas search RUN_FILE --out {copied} --resume"
    assert not seen.exists()
    run(copied.parent / "own.yaml", out=copied, resume=True)
    assert (copied / name).read_text() == MINE


def test_a_resume_with_other_code_is_refused(copied: Path) -> None:
    mine = copied.parent / "mine.py"
    mine.write_text(MINE.replace("1 / (1 +", "2 / (2 +"))
    with pytest.raises(IntegrityError) as caught:
        run(copied.parent / "own.yaml", out=copied, resume=True)
    told = str(caught.value)
    hashes = f"SHA-256 {sha256(MINE.encode())[:12]}… -> {sha256(mine.read_bytes())[:12]}…"
    for place in ("evaluator.source of mine.py:small", "controller.distinct.controller.source of mine.py:Drawing"):
        assert f"{place}: the content was changed ({hashes})" in told
    assert "--accept-changes" in told
    assert run(copied.parent / "own.yaml", out=copied, resume=True, accept_changes=True).trials == 4


def test_the_folder_of_the_code_is_no_part_of_what_a_run_is(copied: Path) -> None:
    (copied.parent / "deep").mkdir()
    (copied.parent / "mine.py").rename(copied.parent / "deep" / "mine.py")
    moved = RUN.replace("mine.py", "deep/mine.py")
    (copied.parent / "own.yaml").write_text(moved)
    before = load_config(copied / "config.yaml")
    assert identity(load_config(copied.parent / "own.yaml", ["objectives={val_acc: maximize}"])) == identity(before)
    assert run(copied.parent / "own.yaml", out=copied, resume=True).trials == 4


def test_metrics_of_ones_own(tmp_path: Path) -> None:
    """They are checked where the evaluator says what it reports, and else by the first trial."""
    write(tmp_path)
    assert load_config(tmp_path / "own.yaml", ["objectives={speed: maximize}"]).objectives[0].metric == "speed"
    (tmp_path / "mine.py").write_text(MINE + 'small.metrics = ("val_acc", "speed")\n')
    with pytest.raises(SpecError, match=r"the evaluator reports no 'sped' \(expected val_acc, speed, .*; did you mean"):
        load_config(tmp_path / "own.yaml", ["objectives={sped: maximize}"])
