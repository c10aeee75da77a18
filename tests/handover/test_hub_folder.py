"""A folder for the Hub."""

import sys
from pathlib import Path

import pytest

from nas.errors import UsageError
from nas.handover.handed import handed_of
from nas.handover.hub_folder import HubFolder


def test_the_extra_is_named_where_it_is_missing(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)  # any import of it fails
    with pytest.raises(UsageError, match=r"hub needs huggingface_hub: pip install 'archwright\[hub\]'"):
        HubFolder().write(handed_of(finished))
