"""Sounds without targets."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest

from nas.data.intake import Intake
from nas.data.preparation.raw_sounds import RawSounds
from nas.data.preparation.sounds import Waveform, fit_sounds
from nas.data.reading.form import PLAIN
from nas.errors import UsageError
from tests.data.inputs.collected import collected

SAMPLES = np.arange(-50, 50, dtype=np.int16) * 300


def _intake(waveform: Waveform = Waveform()) -> Intake:
    return Intake("words", fit_sounds(RawSounds.of_samples([SAMPLES], 8000), waveform=waveform), PLAIN)


def _write(path: Path, rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(SAMPLES.tobytes())


def test_a_file_a_folder_lines_and_samples_are_prepared_alike(tmp_path: Path) -> None:
    pytest.importorskip("soundfile", reason="the extra `sound` is not installed")
    _write(tmp_path / "a.wav", 8000)
    lines = io.BytesIO(f"{tmp_path / 'a.wav'}\n".encode())
    given = (tmp_path, tmp_path / "a.wav", [tmp_path / "a.wav"], [str(tmp_path / "a.wav")], lines, [SAMPLES])
    intake = _intake()
    prepared = [intake.preparation(collected(intake, one).raw) for one in given]
    assert all(np.array_equal(one, prepared[0]) for one in prepared)
    assert prepared[0].shape == (1, 1, 100)


def test_another_rate_is_resampled_unless_the_training_was_strict(tmp_path: Path) -> None:
    pytest.importorskip("soundfile", reason="the extra `sound` is not installed")
    _write(tmp_path / "b.wav", 4000)
    for intake in (_intake(), _intake(Waveform(rate="strict"))):
        raw = collected(intake, tmp_path).raw
        if intake == _intake():
            assert intake.preparation(raw).shape == (1, 1, 100)
        else:
            with pytest.raises(UsageError, match=r"b\.wav: expected 8,000 samples a second, got 4,000"):
                intake.preparation(raw)


def test_paths_and_samples_do_not_mix(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected paths of sounds, or samples of sounds, got both"):
        collected(_intake(), [tmp_path / "a.wav", SAMPLES])
