"""Preparations as JSON."""

import pytest

from nas.data.preparation.stored import preparation_from_json, preparation_to_json
from nas.errors import IntegrityError
from tests.data.counting import Numbered

KNOWN = {"numbered": Numbered}


def test_a_preparation_returns_from_json() -> None:
    text = preparation_to_json(Numbered("ä"))
    assert text == '{"numbered": {"log": "ä"}}'
    assert preparation_from_json(text, KNOWN) == Numbered("ä")


WRONG = [
    "",
    "[]",
    "{}",
    '{"other": {}}',
    '{"numbered": {}}',
    '{"numbered": []}',
    '{"numbered": {"log": 1}}',
    '{"numbered": {"log": "", "x": 1}}',
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(IntegrityError, match="this is no preparation of data"):
        preparation_from_json(text, KNOWN)
