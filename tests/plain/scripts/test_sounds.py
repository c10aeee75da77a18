"""Sounds are read, resampled and cut as Archwright does it."""

from pathlib import Path

import numpy as np
import pytest

from nas.data.preparation.sounds import Sounds
from tests.data.sounds import soundfile
from tests.plain.executed import check_alike, check_refused, intake_with, script_of


def sounds(*, strict: bool = False) -> Sounds:
    return Sounds(8000, 401, strict, (8000, 8000), (0.05, 0.05))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sounds of one and two channels, short and long, of several rates and types."""
    folder = tmp_path_factory.mktemp("sounds")
    rng = np.random.default_rng(0)
    for rate in (8000, 11025, 44100, 1000):
        for frames in (3, 400, 401, 402, 9000):
            soundfile.write(folder / f"{rate}-{frames}.wav", rng.uniform(-1, 1, (frames, 1 + frames % 2)), rate)
    for subtype in ("PCM_U8", "PCM_24", "FLOAT", "DOUBLE"):
        soundfile.write(folder / f"{subtype}.wav", rng.uniform(-1, 1, 600), 8000, subtype)
    soundfile.write(folder / "packed.flac", rng.uniform(-1, 1, (600, 2)), 8000)
    soundfile.write(folder / "lossy.ogg", rng.uniform(-1, 1, 6000), 16000)
    return folder


def test_all_sounds(folder: Path) -> None:
    check_alike(intake_with(sounds()), folder)
    check_alike(intake_with(sounds(strict=True)), folder / "8000-402.wav")


def test_sounds_in_memory(folder: Path) -> None:
    intake = intake_with(sounds())
    script, record, path = script_of(intake), intake.to_dict(), folder / "FLOAT.wav"
    given = [path, str(path), path.read_bytes(), soundfile.read(path, dtype="float32")[0]]
    found = script.prepared(script.take(given, record), record)
    assert np.array_equal(found, np.broadcast_to(check_alike(intake, path), found.shape))


def test_others_are_refused(folder: Path, tmp_path: Path) -> None:
    assert "expected 8,000 samples a second" in check_refused(intake_with(sounds(strict=True)), folder / "1000-3.wav")
    (tmp_path / "cut.wav").write_bytes((folder / "FLOAT.wav").read_bytes()[:-9])
    (tmp_path / "empty.wav").touch()
    (tmp_path / "words.flac").write_text("words")
    soundfile.write(tmp_path / "endless.wav", np.full(400, np.inf), 8000, "FLOAT")
    for path in sorted(tmp_path.iterdir()):
        assert path.name in check_refused(intake_with(sounds()), path)
