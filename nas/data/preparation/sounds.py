"""Sounds of any lengths, rates and channels as waveforms of one length and rate."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from nas.arguments import Positive, PositiveFloat, checked
from nas.data.input_spec import InputSpec
from nas.data.memory import available_bytes
from nas.data.preparation.raw_sounds import RawSounds
from nas.data.preparation.waveforms import SoundHeader, check_rate, read_header, read_part
from nas.data.threads import in_threads, processors
from nas.errors import UsageError
from nas.formatting import show_bytes

QUANTILE = 0.95
"""The default length of waveforms is this quantile of the durations of the training sounds."""

_AT_ONCE = 64
"""The number of sounds that a thread reads at a time."""
_MARGIN = 0.05
"""Seconds on both sides of a part that is resampled; the filter reads at most 10 periods of the lower rate."""


@checked
@dataclass(frozen=True)
class Waveform:
    """What sounds are brought to.

    Attributes:
        rate: samples a second; sounds of another rate are resampled. `null`: the most frequent rate of the training
            sounds. `strict`: that rate, and a sound of another one is an error.
        seconds: the length: of a longer sound, the middle is taken; a shorter one is put in the middle of zeros.
            `null`: the 95 % quantile of the durations of the training sounds.
    """

    rate: Positive | Literal["strict"] | None = None
    seconds: PositiveFloat | None = None


@checked
@dataclass(frozen=True)
class Sounds:
    """Reads sounds, and brings them to one channel (the mean of several), one rate and one length, of full scale 1.

    A sound of another rate is resampled by a polyphase filter (`scipy.signal.resample_poly`). Of a longer one, the
    middle is taken; a shorter one is put in the middle of zeros.

    Attributes:
        rate: samples a second.
        length: samples of each waveform.
        strict: whether a sound of another rate is an error.
        rates: the lowest and the highest rate of the training sounds.
        seconds: the shortest and the longest duration of the training sounds.
    """

    name: ClassVar[str] = "sounds"

    rate: Positive
    length: Positive
    strict: bool
    rates: tuple[Positive, Positive]
    seconds: tuple[PositiveFloat, PositiveFloat]

    @property
    def input(self) -> InputSpec:
        """Waveforms `(1, length)`."""
        return InputSpec("sound", (1, self.length), rate=self.rate)

    @property
    def fits(self) -> bool:
        """False: rate and length, which come from the training sounds, are those of the data set."""
        return False

    @property
    def dtype(self) -> Literal["float32"]:
        """float32."""
        return "float32"

    def __call__(self, raw: RawSounds, out: NDArray[Any] | None = None) -> NDArray[np.float32]:
        """The waveforms, `(N, 1, length)`.

        Raises:
            UsageError: a sound cannot be read, or has another rate and that is an error, or there is not enough memory.
            StorageError: a file cannot be read.
        """
        needed, left = 4 * len(raw) * self.length, available_bytes() if out is None else None
        if left is not None and needed > left:
            raise UsageError(
                f"{len(raw):,} sounds of {self.length / self.rate:,.3g} seconds need {show_bytes(needed)} of memory, "
                f"and {show_bytes(left)} are available; a smaller `seconds` needs less"
            )
        waves: NDArray[np.float32] = np.empty((len(raw), 1, self.length), np.float32) if out is None else out

        def fill(start: int) -> None:
            for place in range(start, min(start + _AT_ONCE, len(raw))):
                item, rate, name = raw.items[place], int(raw.rates[place]), str(raw.names[place])
                put_waveform(waves[place, 0], item, rate, name, to=self.rate, strict=self.strict)

        in_threads(fill, range(0, len(raw), _AT_ONCE), threads=processors())
        return waves

    def refitted(self, raw: RawSounds) -> Self:
        """The same preparation."""
        return self

    @property
    def note(self) -> str:
        """What became of sounds that differ in length or rate, as a sentence for `Dataset.notes`; empty if none do."""
        seconds = self.length / self.rate
        (low, high), (short, long) = self.rates, self.seconds
        done = []
        if (low, high) != (self.rate, self.rate):
            had = f"{low:,}" if low == high else f"{low:,} to {high:,}"
            done.append(f"have {had} samples a second and are resampled to {self.rate:,}")
        if short < seconds or long > seconds:
            had = f"{short:.3g}" if short == long else f"{short:.3g} to {long:.3g}"
            done.append(f"last {had} seconds and are cut or padded to {seconds:.3g}")
        return f"The training sounds {', and '.join(done)}" if done else ""


def fit_sounds(raw: RawSounds, waveform: Waveform | None = None) -> Sounds:
    """The preparation that suits training sounds.

    Args:
        raw: the training sounds.
        waveform: what they are brought to; None: the defaults.

    Raises:
        UsageError: a sound cannot be read.
        StorageError: a file cannot be read.
    """
    waveform = waveform or Waveform()
    if not len(raw):
        raise UsageError("train: there are no sounds")
    items = zip(raw.items, raw.rates.tolist(), raw.names.tolist(), strict=True)
    headers = [read_header(item, rate, name) for item, rate, name in items]
    rates, durations = [one.rate for one in headers], [one.seconds for one in headers]
    rate = waveform.rate if isinstance(waveform.rate, int) else _most_frequent(rates)
    check_rate(rate, "rate")
    seconds = waveform.seconds
    if seconds is None:
        seconds = float(np.quantile(durations, QUANTILE, method="inverted_cdf"))
    return Sounds(
        rate,
        max(1, round(seconds * rate)),
        waveform.rate == "strict",
        (min(rates), max(rates)),
        (min(durations), max(durations)),
    )


def put_waveform(wave: NDArray[Any], item: Any, rate: int, name: str, *, to: int, strict: bool) -> None:
    """Puts a sound, or its middle, into the middle of zeros.

    Args:
        wave: `(L,)` float32, which is written.
        item, rate, name: as in `read_header`.
        to: the rate of the waveform, in samples a second.
        strict: whether a sound of another rate is an error.

    Raises:
        UsageError, StorageError: as `Sounds`.
    """
    length = len(wave)

    def part(header: SoundHeader) -> tuple[int, int]:
        most = length
        if header.rate != to:
            if strict:
                raise UsageError(f"{name}: expected {to:,} samples a second, got {header.rate:,} (`rate: strict`)")
            most = math.ceil((length / to + 2 * _MARGIN) * header.rate)
        over = max(0, header.frames - most)
        return over // 2, header.frames - over

    found, header = read_part(item, rate, name, part)
    if header.rate != to:
        found = resampled(found, header.rate, to)
        over = max(0, len(found) - length)
        found = found[over // 2 :][:length]
    before = (length - len(found)) // 2
    after = before + len(found)
    wave[:before], wave[before:after], wave[after:] = 0, found, 0


def resampled(samples: NDArray[np.float32], rate: int, to: int) -> NDArray[np.float32]:
    """Samples of one rate as those of another one."""
    from scipy.signal import resample_poly

    common = math.gcd(rate, to)
    found: NDArray[np.float32] = resample_poly(samples, to // common, rate // common).astype(np.float32)
    return found


def _most_frequent(rates: Sequence[int]) -> int:
    """The most frequent rate, of several the highest."""
    values, counts = np.unique(np.array(rates), return_counts=True)
    return int(values[counts == counts.max()].max())
