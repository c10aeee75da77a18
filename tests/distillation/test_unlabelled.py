"""Inputs without targets."""

import io

import numpy as np
import pytest
from pydantic import ValidationError

from nas.distillation import Distill
from nas.distillation.unlabelled import Unlabelled
from nas.errors import UsageError


def test_all_samples_in_memory_are_in_the_identity() -> None:
    """Not those alone that are printed."""
    one = [np.zeros(2000), np.zeros(2000)]
    other = [one[0], one[1].copy()]
    other[1][1000] = 1
    assert Unlabelled(one).sha256 == Unlabelled([*map(np.copy, one)]).sha256 != Unlabelled(other).sha256


def test_an_open_file_can_be_read_once_alone() -> None:
    with pytest.raises((UsageError, ValidationError), match="a file that is open can be read once"):
        Distill(unlabelled=io.BytesIO())
