"""A comparison of controllers that are code of the user's own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nas.comparison.compare import compare
from nas.comparison.folder import read_results
from nas.errors import IntegrityError, SpecError

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


def test_settings_are_those_of_its_signature(comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    with pytest.raises(SpecError, match=r"controllers\.mine\.mine\.py:Mine: no such key: 'skp' .*did you mean 'skip'"):
        compare(comparison_file(controllers={"mine": {"mine.py:Mine": {"skp": 2}}}), out=tmp_path / "out")
