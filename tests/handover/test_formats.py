"""The table of formats."""

import pytest

from nas.handover.format import Format
from nas.handover.formats import FORMATS
from nas.ops import Flatten, Linear
from tests.handover.every_op import handed_network
from tests.model.layers import chain


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_says_what_it_is(name: str) -> None:
    one = FORMATS[name]
    assert isinstance(one, Format)
    assert one.name == name
    assert one.about
    assert one.requires
    assert 0 <= one.tolerance < 0.01


def test_formats_write_different_files() -> None:
    """So that all of them go into one folder; `python` writes those of a run."""
    handed = handed_network(chain((2, 3), Flatten(), Linear(3)))
    names = [name for key in ("onnx", "pt2") for name in FORMATS[key].write(handed)]
    assert names == ["model.onnx", "model.pt2"]
