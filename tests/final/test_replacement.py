"""What is known of what is handed over comes back."""

import json

import pytest

from nas.errors import IntegrityError
from nas.final.replacement import Replacement, replacement_of


def test_it_comes_back() -> None:
    replacement = Replacement("seeds", 3, 300, 600, 1.5, {"val_acc": 0.75}, {"val_acc": 0.5})
    assert replacement_of(json.loads(json.dumps(replacement.to_dict()))) == replacement
    assert replacement_of(None) is None
    with pytest.raises(IntegrityError, match="has another form"):
        replacement_of({"what": "something"})
