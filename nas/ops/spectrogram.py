"""Spectrograms of waveforms, computed in the network, and their masks in training."""

from dataclasses import dataclass
from functools import lru_cache
from math import log10
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple

from pydantic import Field

from nas.arguments import NotNegativeFloat, PositiveFloat
from nas.errors import ShapeError
from nas.ops.normal import Channels
from nas.ops.op import FREE, Cost, Family, Op, Positive, Shape, show_shape

if TYPE_CHECKING:
    from torch import nn


class _Frames(NamedTuple):
    """Windows in samples, and the frequencies in Hz of the triangles of a filterbank, edges included."""

    window: int
    hop: int
    edges: tuple[float, ...]

    def read(self, rate: int) -> int:
        """How many frequencies of the windows' transform lie between the edges."""
        return sum(self.edges[0] < k * rate / self.window < self.edges[-1] for k in range(self.window // 2 + 1))


@dataclass(frozen=True)
class LogMel(Op):
    """A waveform `(C, L)` to the logarithms of its mel spectrogram, `(C, mels, frames)`, with no parameters.

    Frames are windows that lie wholly within the waveform: floor((L - window) / hop) + 1 of them. Each is weighted by a
    periodic Hann window. Its power spectrum, divided by the sum of the squared weights, is on average σ² at every
    frequency for white noise of variance σ². `mels` triangles of height 1, evenly spaced from `fmin` to `fmax` on the
    mel scale 2595 · log10(1 + f / 700) (O'Shaughnessy 1987; HTK), sum the powers. The output is log(power + `floor`).
    With `fmin: 0`, it is that of torchaudio's `MelSpectrogram(n_fft=window, center=False, normalized="window")`.

    A network divides its input by the standard deviation of the training data, so that `floor` is relative to their
    variance; with `level`, it is relative to the mean power of the sample itself. The transform is a convolution with
    fixed kernels, which counts as MACs, and is computed in float32 under autocast.

    Attributes:
        rate: samples per second of the waveform.
        mels: the number of bands.
        window_ms: the length of a window in milliseconds, rounded to samples.
        hop_ms: from one window to the next, likewise.
        fmin: the lower edge of the lowest band, in Hz.
        fmax: the upper edge of the highest band, in Hz; None: half the rate.
        floor: added to powers.
        cmn: whether each band's mean over the frames of a sample is subtracted, which removes the effect of a
            microphone (cepstral mean normalisation, Atal 1974).
        level: whether each channel of a sample is first divided by its root mean square, which removes the effect of
            loudness.
    """

    name: ClassVar[str] = "log_mel"
    family: ClassVar[Family] = "conv"

    rate: Positive
    mels: Positive = 64
    window_ms: PositiveFloat = 25.0
    hop_ms: PositiveFloat = 10.0
    fmin: NotNegativeFloat = 20.0
    fmax: PositiveFloat | None = None
    floor: PositiveFloat = 1e-6
    cmn: bool = False
    level: bool = False

    def shape(self, input: Shape) -> Shape:
        if len(input) != 2:
            raise ShapeError(f"log_mel needs a waveform (C, L), got {show_shape(input)}")
        window, hop, _ = _frames(self)
        if input[1] < window:
            raise ShapeError(
                f"log_mel has windows of {window} samples ({self.window_ms:g} ms at {self.rate} Hz), "
                f"and its input has {input[1]}"
            )
        return input[0], self.mels, (input[1] - window) // hop + 1

    def cost(self, input: Shape) -> Cost:
        frames = _frames(self)
        channels, _, windows = self.shape(input)
        read = frames.read(self.rate)
        return Cost(0, channels * windows * read * (2 * frames.window + self.mels))

    def module(self, input: Shape) -> "nn.Module":
        from nas.ops.spectrogram_modules import LogMelSpectrogram

        window, hop, _ = _frames(self)
        return LogMelSpectrogram(
            self.rate,
            self.mels,
            window,
            hop,
            self.fmin,
            self._highest,
            floor=self.floor,
            cmn=self.cmn,
            level=self.level,
        )

    def channels(self, input: Shape) -> Channels:
        return "alike"

    def meaning(self, input: Shape) -> str:
        window, hop, edges = _frames(self)
        return f"{self.name} {self.rate} {window} {hop} {edges} {self.floor} {self.cmn}{' level' if self.level else ''}"

    @property
    def _highest(self) -> float:
        return self.rate / 2 if self.fmax is None else self.fmax


@lru_cache(maxsize=256)
def _frames(op: LogMel) -> _Frames:
    """Raises ShapeError if a window has fewer than two samples, or a band has no frequency of the transform."""
    window, hop = (round(ms * op.rate / 1000) for ms in (op.window_ms, op.hop_ms))
    low, high = op.fmin, op._highest
    if window < 2 or hop < 1:
        raise ShapeError(
            f"log_mel needs windows of two samples or more and hops of one or more, got {window} and {hop} "
            f"({op.window_ms:g} and {op.hop_ms:g} ms at {op.rate} Hz)"
        )
    if not low < high <= op.rate / 2:
        raise ShapeError(
            f"log_mel needs fmin < fmax, and fmax at most half the rate ({op.rate / 2:g} Hz), got {low:g} and {high:g}"
        )
    edges = mel_edges(op.mels, low, high)
    step = op.rate / window
    empty = sum(int(edges[m] // step + 1) * step >= edges[m + 2] for m in range(op.mels))
    if empty:
        raise ShapeError(
            f"log_mel has {op.mels} bands, and {empty} of them contain none of the frequencies of a window of "
            f"{op.window_ms:g} ms, which are {step:g} Hz apart; use fewer mels or a longer window"
        )
    return _Frames(window, hop, edges)


def mel_edges(mels: int, low: float, high: float) -> tuple[float, ...]:
    """`mels` + 2 frequencies in Hz, evenly spaced on the mel scale; band m rises from edge m and ends at edge m + 2."""
    first, last = (2595 * log10(1 + f / 700) for f in (low, high))
    steps = (first + (last - first) * m / (mels + 1) for m in range(1, mels + 1))
    return low, *(700 * (10 ** (mel / 2595) - 1) for mel in steps), high


@dataclass(frozen=True)
class SpectrogramMask(Op):
    """In training, zeroes bands and times of spectrograms `(C, frequencies, frames)` (Park et al. 2019, SpecAugment).

    Each sample has `masks` masks of each kind, the same for all its channels: a width drawn uniformly from 0 to the
    greatest one, at a place drawn uniformly from those where it fits. Zero should be about the mean of the input, as it
    is after `batch_norm`, or after `log_mel` with `cmn`.

    Attributes:
        time: the greatest width of a mask of times, as a fraction of the frames.
        frequency: the greatest width of a mask of bands, as a fraction of the bands.
        masks: the number of masks of each kind.
    """

    name: ClassVar[str] = "spectrogram_mask"
    random: ClassVar[bool] = True

    time: Annotated[float, Field(ge=0, le=1)] = 0.2
    frequency: Annotated[float, Field(ge=0, le=1)] = 0.2
    masks: Positive = 1

    def shape(self, input: Shape) -> Shape:
        if len(input) != 3:
            raise ShapeError(f"spectrogram_mask needs a spectrogram (C, H, W), got {show_shape(input)}")
        return input

    def cost(self, input: Shape) -> Cost:
        return FREE

    def module(self, input: Shape) -> "nn.Module":
        from nas.ops.spectrogram_modules import SpectrogramMasks

        return SpectrogramMasks(*self._widths(input), masks=self.masks)

    def is_identity(self, input: Shape) -> bool:
        return not any(self._widths(input))

    def keeps_zero(self, input: Shape) -> bool:
        return True

    def channels(self, input: Shape) -> Channels:
        return "alike"

    def meaning(self, input: Shape) -> str:
        return f"{self.name} {self._widths(input)} {self.masks}"

    def _widths(self, input: Shape) -> tuple[int, int]:
        """The greatest widths of masks, in frames and in bands."""
        return int(self.time * input[2]), int(self.frequency * input[1])
