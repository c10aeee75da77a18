"""Files of sounds for tests."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

soundfile = pytest.importorskip("soundfile")


def tone(hz: float, seconds: float = 0.1, *, rate: int = 8000, level: float = 0.5) -> NDArray[np.float32]:
    """A sine wave, `(L,)`."""
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def write_tone(path: Path, hz: float, seconds: float = 0.1, *, rate: int = 8000) -> Path:
    """Writes a sine wave to a file, in a folder that is made if needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, tone(hz, seconds, rate=rate), rate)
    return path


def write_classes(folder: Path, *, each: int = 5, suffix: str = ".wav") -> Path:
    """Writes folders of two classes, low and high tones."""
    for name, hz in (("low", 300), ("high", 1500)):
        for place in range(each):
            write_tone(folder / name / f"{place}{suffix}", hz + 10 * place, 0.08 + 0.01 * place)
    return folder
