"""A comparison of controllers that are code of the user's own."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from nas.comparison.compare import compare
from nas.comparison.folder import read_results
from nas.errors import IntegrityError, SpecError
from nas.events import Event, Notice, RunEnded
from tests.forked import FORKED, Server

pytestmark = pytest.mark.usefixtures("no_drawing")

MINE = '''
from nas.controllers import RandomSearch


class Mine(RandomSearch):
    """Draws at random."""

    def __init__(self, space, *, skip: int = 0) -> None:
        super().__init__(space)
        self.skip = skip
'''


def test_controllers_in_a_file(comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    controllers = {"random": "random", "mine": {"mine.py:Mine": {"skip": 2}}}
    path = comparison_file(controllers=controllers, seeds=6, jobs=2)
    compare(path, out=tmp_path / "out")
    found = read_results(tmp_path / "out")
    assert found.controllers["mine"] == {"mine.py:Mine": {"skip": 2}}
    for seed in range(6):
        assert found.runs["small", "mine", seed].ids == found.runs["small", "random", seed].ids
    (tmp_path / "mine.py").write_text(MINE + "# other code\n")
    with pytest.raises(IntegrityError, match=r"controllers\.mine\.source of mine\.py:Mine: the content was changed"):
        compare(path, out=tmp_path / "out", resume=True)


FATAL = """
import ctypes
import resource


class Fatal:
    \"\"\"The process dies in the evaluation of the largest network.\"\"\"

    metrics = ("val_acc",)

    def __init__(self) -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def __call__(self, arch, *, epochs, seed):
        if arch.choices[0][1] == 4:
            ctypes.string_at(0)
        return {"val_acc": 1 / arch.params}
"""


def test_a_network_in_which_processes_die_ends_no_resume(tmp_path: Path, server: Server) -> None:
    (tmp_path / "fatal.py").write_text(FATAL)
    (tmp_path / "space.yaml").write_text(
        "layers: [flatten, {linear: {units: {choice: [1, 2, 3, 4]}}}, {linear: {units: outputs}}]"
    )
    problem = {"space": "space.yaml", "data": "digits", "evaluator": "fatal.py:Fatal"}
    content = {"controllers": {"grid": "grid"}, "problems": {"p": problem}, "budget": {"evaluations": 4}, "seeds": 2}
    path = tmp_path / "file.yaml"
    path.write_text(yaml.safe_dump({**content, "jobs": 2}))
    command, log = ("compare", str(path), "--out", str(tmp_path / "out"), "--resume"), tmp_path / "log"
    assert server.run(*command, log=log, before=FORKED) == 3, log.read_text()
    assert "died before its runs were finished" in log.read_text()
    server.run(*command, log=log, before=FORKED)  # it may die in the other run, if that was ended before
    assert server.run(*command, log=log, before=FORKED) == 0, log.read_text()
    for run in read_results(tmp_path / "out").runs.values():
        assert np.isnan(run.observed).sum() == 1
    assert not (tmp_path / "out" / "attempts").exists()


SMALLEST = """
def smallest():
    return lambda arch, *, epochs, seed: {"val_acc": 1 / arch.params}
"""


def test_a_run_that_trains_is_written_when_it_is_finished(tmp_path: Path) -> None:
    """No other run of its problem has to be finished: each may take hours."""
    (tmp_path / "mine.py").write_text(SMALLEST)
    (tmp_path / "space.yaml").write_text("layers: [flatten, {linear: {units: outputs, bias: {choice: [true, false]}}}]")
    problem = {"space": "space.yaml", "data": "digits", "evaluator": "mine.py:smallest"}
    content = {"controllers": {"grid": "grid"}, "problems": {"p": problem}, "budget": {"evaluations": 2}, "seeds": 9}
    path, out = tmp_path / "file.yaml", tmp_path / "out"
    path.write_text(yaml.safe_dump(content))

    def stop_at_the_third(event: Event) -> None:
        if isinstance(event, RunEnded) and event.seed == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(path, out=out, on_event=stop_at_the_third)
    assert sorted(one.name for one in (out / "units" / "p" / "grid").iterdir()) == ["0.npz", "1.npz", "2.npz"]
    notice: list[Event] = []
    compare(path, out=out, resume=True, on_event=notice.append)
    assert isinstance(notice[0], Notice)
    assert notice[0].text.endswith("3 of 9 runs are complete")


def test_settings_are_those_of_its_signature(comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    with pytest.raises(SpecError, match=r"controllers\.mine\.mine\.py:Mine: no such key: 'skp' .*did you mean 'skip'"):
        compare(comparison_file(controllers={"mine": {"mine.py:Mine": {"skp": 2}}}), out=tmp_path / "out")
