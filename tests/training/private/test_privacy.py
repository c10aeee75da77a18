"""What a recipe says of privacy."""

from pathlib import Path
from typing import Any

import pytest

from nas.document import parse_document
from nas.errors import UsageError
from nas.settings import Reader
from nas.training import Recipe
from nas.training.private.privacy import Privacy


def test_it_is_read_from_a_file() -> None:
    node = parse_document("privacy: {epsilon: 2, input_range: [0, 16]}")
    found = Reader(Path("run.yaml"), ()).record(node, Recipe, "")
    assert found == Recipe(privacy=Privacy(2.0, 1e-5, "secret", (0.0, 16.0)))
    assert Recipe().privacy is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epsilon": 0.0}, "epsilon: expected more than 0"),
        ({"epsilon": float("inf")}, "epsilon: expected a finite number"),
        ({"epsilon": 1.0, "delta": 1.0}, "delta: expected less than 1"),
        ({"epsilon": 1.0, "noise": "none"}, "noise: expected 'secret' or 'seeded'"),
        ({"epsilon": 1.0, "input_range": (1.0, 1.0)}, "input_range: expected the lesser number first"),
    ],
)
def test_errors(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Privacy(**given)
