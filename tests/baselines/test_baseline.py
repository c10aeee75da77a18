"""The records of baselines, and what is said of them."""

import json

import pytest

from nas.baselines import Baseline, Baselines, baselines_of
from nas.errors import IntegrityError

TRIVIAL = Baseline("always 3", {"val_acc": 0.1, "test_acc": 0.1028}, 100, 100, 0.0)
REFERENCE = Baseline("SVC with RBF kernel", {"val_acc": 0.95, "test_acc": 0.9861}, 80, 100, 1.5)


def test_they_are_read_as_they_were_written() -> None:
    for found in (Baselines(TRIVIAL, REFERENCE), Baselines(TRIVIAL, None, "ValueError: one class")):
        assert baselines_of(json.loads(json.dumps(found.to_dict()))) == found
    with pytest.raises(IntegrityError, match="the record of the baselines has another form"):
        baselines_of({"trivial": 1})


def test_what_is_said_beside_a_network() -> None:
    found = Baselines(TRIVIAL, REFERENCE)
    assert (
        found.beside("test_acc").replace("\u00a0", " ") == "test_acc 98.61 % (SVC with RBF kernel), 10.28 % (always 3)"
    )
    assert found.beside("val_f1") == ""
    assert Baselines(TRIVIAL, None).listed == [TRIVIAL]
