"""Sounds before their preparation."""

from pathlib import Path

import numpy as np
import pytest

from nas.data.preparation.raw_sounds import RawSounds
from nas.data.raw import Raw
from nas.errors import UsageError


def test_rows_and_joins_keep_names_and_rates() -> None:
    raw = RawSounds.of_samples([np.zeros(3), [0.5, 1.0], np.ones((2, 4))], 8000)
    assert isinstance(raw, Raw)
    assert [item.shape for item in raw.items] == [(3,), (2,), (2, 4)]
    files = RawSounds.of_files([Path("b.wav"), Path("a.wav")])
    both = raw[np.array([2, 0])].joined(files)
    assert len(both) == 4
    assert both.names.tolist() == ["sound 2", "sound 0", "b.wav", "a.wav"]
    assert both.rates.tolist() == [8000, 8000, 0, 0]
    assert both.items[3] == Path("a.wav")


def test_sounds_of_equal_length_are_not_one_array() -> None:
    assert RawSounds.of_samples(np.zeros((5, 3)), 8000).items.shape == (5,)


def test_refusals() -> None:
    with pytest.raises(UsageError, match=r"^rate: expected a rate from 1 "):
        RawSounds.of_samples([np.zeros(3)], 0)
    with pytest.raises(UsageError, match=r"^sounds: expected an array of samples for each, "):
        RawSounds.of_samples([[[1.0], [1.0, 2.0]]], 8000)
