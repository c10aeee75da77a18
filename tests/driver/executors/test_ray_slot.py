"""What an actor does on its node; it is a plain class, which needs no Ray here."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nas.driver.executors.answers import answer_of
from nas.driver.executors.executor import Failed, Job
from nas.driver.executors.ray_slot import Home, Slot, versions
from nas.driver.executors.resources import EvaluationLimits
from nas.driver.executors.wire import Lines, Sent, Sources, pickled
from nas.settings.code import Code


@pytest.fixture(autouse=True)
def _kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An actor changes its process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")


def test_code_and_folders_of_the_driver_are_found_on_a_node(tmp_path: Path) -> None:
    """A file that is there is used where it is; one that is not, or is another one, comes with the search."""
    there, gone, other, script = (tmp_path / f"{name}.py" for name in ("there", "gone", "other", "script"))
    for path in (there, gone, other, script):
        path.write_text(f"name = {path.stem!r}\n")
    sources = Sources({"init_main_from_path": str(script)}, {"a": there, "b": gone, "c": other})
    home = Home.here(sources)
    gone.unlink()
    other.write_text("name = 'altered'\n")
    (tmp_path / "modules").mkdir()
    moved = Home(home.sources, home.contents, "/nowhere", [str(tmp_path / "modules"), "/nowhere"]).move_in()
    assert moved.main == {"init_main_from_path": str(script)}
    assert moved.files["a"] == there
    assert [moved.files[name].read_text() for name in "bc"] == ["name = 'gone'\n", "name = 'other'\n"]
    assert [moved.files[name].name for name in "bc"] == ["gone.py", "other.py"]
    assert sys.path[-1] == str(tmp_path / "modules")
    assert Path.cwd() == tmp_path


def test_an_actor_contains_what_it_evaluates(job: Callable[..., Job], tmp_path: Path) -> None:
    """With the user's own code, whose file the node does not have."""
    file = tmp_path / "mine.py"
    file.write_text(
        "import os\n\nclass Own:\n    def __call__(self, arch, *, epochs, seed):\n"
        "        if seed == 1:\n            os.abort()\n"
        "        return {'val_acc': 0.75, 'seen': len(os.environ['CUDA_VISIBLE_DEVICES'])}\n"
    )
    sent = Sent.of(Code.named("mine.py:Own", tmp_path).load()())
    home = Home.here(sent.sources)
    file.unlink()
    slot = Slot(sent.pickle, home, EvaluationLimits(), 1, 0)
    (said,) = Lines().add(slot.start())
    assert said["versions"] == versions()
    assert list(said["versions"]) == ["python", "archwright", "torch", "numpy"]
    outcomes, deaths = [], []
    for number in range(3):
        begun, *pieces = slot.evaluate(pickled(job(number)))
        assert begun == b""
        (message,) = Lines().add(b"".join(pieces))
        outcomes.append(answer_of(job(number), message))
        deaths.append(message["death"])
    assert [outcomes[n][0] for n in (0, 2)] == [{"val_acc": 0.75, "seen": 0}] * 2  # type: ignore[index]
    assert isinstance(outcomes[1][0], Failed)  # type: ignore[index]
    assert deaths == ["", "SIGABRT", ""]
    slot.stop()
