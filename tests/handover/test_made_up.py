"""Made-up samples show where a script prepares inputs otherwise than the preparation."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from nas.data.preparation import PREPARATIONS
from nas.errors import UsageError
from nas.handover.made_up import MADE_UP, check_prepared
from nas.prediction.predictor import load_predictor
from tests.plain.executed import script_of
from tests.prediction.exported import Exported


def test_every_preparation_has_samples() -> None:
    assert set(MADE_UP) == set(PREPARATIONS)


class _Other:
    """A script that reads something else of a record."""

    def __init__(self, script: Any, change: Mapping[str, Any]) -> None:
        self.take, self._prepared, self._change = script.take, script.prepared, change

    def prepared(self, samples: Any, record: Mapping[str, Any]) -> Any:
        changed = json.loads(json.dumps(record))
        (fields,) = changed["preparation"].values()
        fields.update(self._change)
        return self._prepared(samples, changed)


CHANGES: Mapping[str, Mapping[str, Any]] = {
    "arrays": {"dtype": "uint8"},
    "images": {"fit": "crop"},
    "sounds": {"length": 3},
    "texts": {"pad": "left"},
    "tables": {"categories": []},
}


@pytest.mark.parametrize("kind", PREPARATIONS)
def test_another_preparation_is_seen(kind: str, exported: Mapping[str, Exported]) -> None:
    intake = load_predictor(exported[kind].folder).intake
    check_prepared(intake, script_of(intake))
    with pytest.raises(UsageError, match="prepares inputs otherwise"):
        check_prepared(intake, _Other(script_of(intake), CHANGES[kind]))
