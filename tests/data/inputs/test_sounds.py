"""Sounds without targets."""

import wave
from pathlib import Path

import numpy as np
import pytest

from nas.data.inputs.sounds import read_sounds, take_sounds
from nas.data.intake import Intake
from nas.data.preparation.raw_sounds import RawSounds
from nas.data.preparation.sounds import Waveform, fit_sounds
from nas.data.reading.form import PLAIN
from nas.data.skipping import Skipping
from nas.errors import UsageError

SAMPLES = np.arange(-50, 50, dtype=np.int16) * 300
INTAKE = Intake("words", fit_sounds(RawSounds.of_samples([SAMPLES], 8000), waveform=Waveform()), PLAIN)


def test_a_file_a_folder_and_samples_are_prepared_alike(tmp_path: Path) -> None:
    pytest.importorskip("soundfile", reason="the extra `sound` is not installed")
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(SAMPLES.tobytes())
    found = [
        read_sounds(INTAKE, tmp_path, Skipping()),
        read_sounds(INTAKE, tmp_path / "a.wav", Skipping()),
        take_sounds(INTAKE, [tmp_path / "a.wav"]),
        take_sounds(INTAKE, [SAMPLES]),
    ]
    prepared = [INTAKE.preparation(named.raw) for named in found]
    assert all(np.array_equal(one, prepared[0]) for one in prepared)
    assert prepared[0].shape == (1, 1, 100)


def test_paths_and_samples_do_not_mix(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected paths of sounds, or samples of sounds, got both"):
        take_sounds(INTAKE, [tmp_path / "a.wav", SAMPLES])
