"""Sounds as waveforms of one length and rate."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nas.data.input_spec import InputSpec
from nas.data.preparation import PREPARATIONS, Preparation
from nas.data.preparation.raw_sounds import RawSounds
from nas.data.preparation.sounds import Sounds, Waveform, fit_sounds, resampled
from nas.data.preparation.stored import preparation_from_json, preparation_to_json
from nas.errors import UsageError
from tests.data.sounds import tone, write_tone


def _raw(*lengths: int, rate: int = 100) -> RawSounds:
    return RawSounds.of_samples([np.arange(1, length + 1, dtype=float) for length in lengths], rate)


def test_sounds_of_one_length_stay_as_they_are() -> None:
    raw = _raw(50, 50)
    preparation = fit_sounds(raw)
    assert isinstance(preparation, Preparation)
    assert PREPARATIONS["sounds"] is Sounds
    assert preparation == Sounds(100, 50, False, (100, 100), (0.5, 0.5))
    assert preparation.input == InputSpec("sound", (1, 50), rate=100)
    assert not preparation.fits
    assert preparation.refitted(raw) is preparation
    assert preparation.note == ""
    found = preparation(raw)
    assert found.dtype == np.float32
    assert np.array_equal(found, np.tile(np.arange(1, 51, dtype=np.float32), (2, 1, 1)))
    assert preparation_from_json(preparation_to_json(preparation), PREPARATIONS) == preparation


def test_the_middle_is_taken_and_put_into_the_middle() -> None:
    found = fit_sounds(_raw(2, 5, 9), Waveform(seconds=0.05))(_raw(2, 5, 9, 8))[:, 0]
    assert found.tolist() == [[0, 1, 2, 0, 0], [1, 2, 3, 4, 5], [3, 4, 5, 6, 7], [2, 3, 4, 5, 6]]


def test_the_default_length_is_a_quantile_of_the_training_durations() -> None:
    preparation = fit_sounds(_raw(*range(1, 101)))
    assert preparation.length == 95
    assert preparation.note == "The training sounds last 0.01 to 1 seconds and are cut or padded to 0.95"


def _both(rate: int, other: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A tone of 0.4 s at a rate, and at another one as 0.5 s with the same middle."""
    return tone(50, 0.4, rate=rate), tone(50, 0.5, rate=other)


@pytest.mark.parametrize("other", [500, 1000, 4410])
def test_other_rates_are_resampled(other: int) -> None:
    rate = 2000
    short, long = _both(rate, other)
    raw = RawSounds.of_samples([short, short], rate).joined(RawSounds.of_samples([long], other))
    preparation = fit_sounds(raw, Waveform(seconds=0.4))
    assert preparation.rate == rate
    low, high = min(rate, other), max(rate, other)
    assert f"have {low:,} to {high:,} samples a second and are resampled to 2,000" in preparation.note
    first, _, third = preparation(raw)[:, 0]
    # Half a second of 50 Hz, of which the middle begins 2.5 periods later: the same tone with the other sign.
    np.testing.assert_allclose(third[20:-20], -first[20:-20], atol=0.01)
    assert len(resampled(long, other, rate)) == 1000


def test_rates(tmp_path: Path) -> None:
    files = [write_tone(tmp_path / f"{place}.wav", 50, rate=rate) for place, rate in enumerate((8000, 8000, 16000))]
    raw = RawSounds.of_files(files)
    assert fit_sounds(raw).rate == 8000
    assert fit_sounds(raw[np.array([0, 2])]).rate == 16000, "the higher one of equally frequent ones"
    assert fit_sounds(raw, Waveform(rate=4000)).input == InputSpec("sound", (1, 400), rate=4000)
    strict = fit_sounds(raw, Waveform(rate="strict"))
    with pytest.raises(UsageError, match=r"2\.wav: expected 8,000 samples a second, got 16,000 \(`rate: strict`\)$"):
        strict(raw)
    assert strict(raw[np.array([0, 1])]).shape == (2, 1, 800)


def test_many_files_are_read_by_threads_in_their_order(tmp_path: Path) -> None:
    files = [write_tone(tmp_path / f"{place}.wav", 50 + place, 0.01) for place in range(140)]
    raw = RawSounds.of_files(files)
    preparation = fit_sounds(raw)
    expected = np.concatenate([preparation(raw[np.array([place])]) for place in range(140)])
    assert np.array_equal(preparation(raw), expected)
    files[77].write_bytes(b"")
    files[139].write_bytes(b"")
    with pytest.raises(UsageError, match=r"77\.wav: the file is empty$"):
        preparation(raw)


def test_no_sounds() -> None:
    with pytest.raises(UsageError, match=r"^train: there are no sounds$"):
        fit_sounds(_raw())
