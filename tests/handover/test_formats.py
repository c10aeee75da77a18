"""The table of formats, and all of them for networks of every task and kind of data."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from nas.data import from_arrays
from nas.errors import UsageError
from nas.handover.format import Format, Verdict
from nas.handover.formats import FORMATS
from nas.handover.handed import Handed, handed_of
from tests.prediction.exported import KINDS, Exported, export_of


def one_target(folder: Path) -> Exported:
    """Regression of one value."""
    rng = np.random.default_rng(0)
    data = from_arrays(rng.normal(size=(40, 3)), rng.normal(size=40), val_share=0.25)
    return export_of(data, folder / "network", folder)


CASES = (*KINDS, one_target.__name__)
"""Two classes and many, several labels, and one target and several; of arrays, images, sounds, texts and tables."""


SAME = r"(equal outputs|outputs within \S+) on \d+ random inputs and \d+ samples"
FOUND = {"int8": r"(it does not pay: )?\S+\sKiB instead of \S+\sKiB; .*; validation .* instead of .*"}
"""What a format says of its files, where these are not to compute the same. Small networks do not pay in int8."""


def told(one: Format, handed: Handed, folder: Path) -> str:
    """The verdict on files, or why they are refused."""
    try:
        found = one.check(handed, folder)
    except UsageError as error:
        return str(error)
    assert isinstance(found, Verdict)
    return found.text


@pytest.fixture(scope="module", params=CASES)
def handed(
    request: pytest.FixtureRequest, exported: Mapping[str, Exported], tmp_path_factory: pytest.TempPathFactory
) -> Handed:
    """A network with the data that it is for, as if its run were there."""
    made = exported.get(request.param) or one_target(tmp_path_factory.mktemp("one_target"))
    found = handed_of(made.folder)
    vars(found)["data"] = made.data
    return found


def test_every_task_and_kind_of_data(handed: Handed, tmp_path: Path) -> None:
    """All formats go into one folder: files of one name are equal, whatever format they belong to."""
    contents: dict[str, bytes] = {}
    for name, one in FORMATS.items():
        for file, content in one.write(handed).items():
            assert contents.setdefault(file, content) == content
            (tmp_path / file).write_bytes(content)
        assert re.fullmatch(FOUND.get(name, SAME), told(one, handed, tmp_path)), name


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_says_what_it_is(name: str) -> None:
    one = FORMATS[name]
    assert isinstance(one, Format)
    assert one.name == name
    assert one.about
