"""Sounds as samples: formats, scales, parts, and what cannot be read."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nas.data.preparation.waveforms import (
    SUFFIXES,
    SoundHeader,
    check_rate,
    check_sound,
    full_scale,
    read_header,
    read_part,
)
from nas.errors import StorageError, UsageError
from tests.data.sounds import soundfile, tone

WAVE = tone(440)


def _whole(item: Any, name: str = "x") -> NDArray[np.float32]:
    return read_part(item, 8000, name, lambda header: (0, header.frames))[0]


@pytest.mark.parametrize(
    ("suffix", "subtype", "close"),
    [
        (".wav", "PCM_16", 2**-15),
        (".wav", "PCM_U8", 2**-7),
        (".wav", "PCM_24", 2**-23),
        (".wav", "DOUBLE", 1e-7),
        (".flac", "PCM_16", 2**-15),
        (".ogg", "VORBIS", 0.1),
    ],
)
def test_formats(tmp_path: Path, suffix: str, subtype: str, close: float) -> None:
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, WAVE, 8000, subtype=subtype)
    assert suffix in SUFFIXES
    for item in (path, path.read_bytes()):
        assert read_header(item, 0, "a") == SoundHeader(800, 8000)
        np.testing.assert_allclose(_whole(item), WAVE, atol=close)
    check_sound(path, "a")
    part, header = read_part(path, 0, "a", lambda header: (100, header.frames - 700))
    assert header.seconds == 0.1
    np.testing.assert_allclose(part, WAVE[100:200], atol=close)


def test_channels_become_their_mean(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack([WAVE, -WAVE / 2], axis=1), 8000, subtype="FLOAT")
    np.testing.assert_allclose(_whole(path), WAVE / 4, atol=1e-7)
    np.testing.assert_allclose(_whole(np.stack([WAVE, -WAVE / 2])), WAVE / 4, atol=1e-7)


def test_full_scale() -> None:
    for dtype in (np.uint8, np.int16, np.int32):
        info = np.iinfo(dtype)
        found = full_scale(np.array([info.min, info.min // 2 + info.max // 2 + 1, info.max - info.max // 8], dtype))
        assert found.dtype == np.float32
        assert found[:2].tolist() == [-1, 0]
        assert abs(found[2]) < 1
    assert full_scale(np.array([0.25, 2.0])).tolist() == [0.25, 2]


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _zeros(content: bytes) -> bytes:
    return content[:400] + bytes(300) + content[700:]


@pytest.mark.parametrize(
    ("suffix", "damage", "message"),
    [
        (".wav", _cut, r"^x: the file is cut off: it has \d+ of 1600 bytes of samples$"),
        (".wav", lambda _: b"", r"^x: the file is empty$"),
        (".wav", lambda content: content[:30], r"^x: the sound cannot be read: .*No 'data' chunk marker$"),
        (".wav", lambda _: b"no sound at all" * 9, r"^x: the sound cannot be read: .*Format not recognised$"),
        (".flac", _cut, r"^x: the sound cannot be read: .*lost sync$"),
        (".flac", _zeros, r"^x: the (sound cannot be read|file is cut off): "),
        (".ogg", _cut, r"^x: the (sound has no samples$|file is cut off: |sound cannot be read: )"),
    ],
)
def test_damaged_files(tmp_path: Path, suffix: str, damage: Callable[[bytes], bytes], message: str) -> None:
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, WAVE, 8000)
    path.write_bytes(damage(path.read_bytes()))
    for read in (_whole, check_sound):
        with pytest.raises(UsageError, match=message):
            read(path, "x")


def test_a_wav_file_of_unknown_length_is_read(tmp_path: Path) -> None:
    """As programs write it to a pipe."""
    path = tmp_path / "a.wav"
    soundfile.write(path, WAVE, 8000)
    content = path.read_bytes()
    at = content.index(b"data") + 4
    path.write_bytes(content[:at] + b"\xff\xff\xff\xff" + content[at + 4 :])
    assert len(_whole(path)) == 800


def test_values_that_are_not_finite(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.where(np.arange(800) == 7, np.nan, WAVE), 8000, subtype="FLOAT")
    for item in (path, np.array([0.0, np.inf]), np.array([1e300])):
        for read in (_whole, check_sound):
            with pytest.raises(UsageError, match=r"^x: the sound has values that are not finite$"):
                read(item, "x")


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros(0, np.int16), "x: the sound has no samples"),
        (np.zeros((9, 2)), "x: expected samples (C, L), got 9 channels of 2 samples"),
        (
            np.zeros(9, np.int64),
            "x: expected samples (L,) or (C, L), as floats of full scale 1 or as uint8, int16 or int32, got int64 of "
            "shape (9,)",
        ),
    ],
)
def test_samples_that_are_none(samples: NDArray[Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_header(samples, 8000, "x")
    assert str(caught.value) == message


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"^x cannot be read: No such file or directory$"):
        read_header(tmp_path / "none.wav", 0, "x")
    with pytest.raises(UsageError, match=r"^r: expected a rate from 1 to 1,000,000 samples a second, got 0$"):
        check_rate(0, "r")


def test_without_the_package_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(UsageError, match=r"pip install 'archwright\[sound\]'$"):
        read_header(tmp_path / "a.wav", 0, "x")
