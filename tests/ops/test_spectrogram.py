"""Spectrograms and their masks: values written out in NumPy, worked examples, what is masked, and what is refused."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.signal import stft
from torch import Tensor

from nas.errors import ShapeError
from nas.ops import Cost, LogMel, Op, SpectrogramMask
from nas.ops.spectrogram import mel_edges

RATE = 8000
NOISE = np.random.default_rng(0).standard_normal((3, 2, 1234)).astype(np.float32)


def log_mel(x: NDArray[Any], op: LogMel, window: int, hop: int) -> NDArray[np.float64]:
    """The definition, frame by frame."""
    weights = np.sin(np.pi * np.arange(window) / window) ** 2
    x = x / np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True)) if op.level else x
    frames = [x[..., begin : begin + window] for begin in range(0, x.shape[-1] - window + 1, hop)]
    powers = np.abs(np.fft.rfft(np.stack(frames, axis=-2) * weights)) ** 2 / np.sum(weights**2)
    hz = np.arange(window // 2 + 1) * op.rate / window
    top = op.rate / 2 if op.fmax is None else op.fmax
    low, high = (2595 * np.log10(1 + f / 700) for f in (op.fmin, top))
    mels = np.linspace(low, high, op.mels + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    bands = np.stack([np.interp(hz, edges[m : m + 3], [0, 1, 0], 0, 0) for m in range(op.mels)])
    logs: NDArray[np.float64] = np.log(powers @ bands.T + op.floor).swapaxes(-1, -2)
    return logs - logs.mean(axis=-1, keepdims=True) if op.cmn else logs


@pytest.mark.parametrize(
    ("op", "window", "hop"),
    [
        (LogMel(RATE), 200, 80),
        (LogMel(RATE, mels=40, fmin=0.0, fmax=3800.0, floor=1e-3, cmn=True), 200, 80),
        (LogMel(RATE, mels=40, floor=1e-3, level=True), 200, 80),
        (LogMel(16000, mels=20, window_ms=16.04, hop_ms=5.0), 257, 80),
    ],
)
def test_values_are_those_of_the_definition(op: LogMel, window: int, hop: int) -> None:
    found = op.module(NOISE.shape[1:])(torch.from_numpy(NOISE))
    expected = log_mel(NOISE, op, window, hop)
    assert found.shape == expected.shape == (3, *op.shape(NOISE.shape[1:]))
    np.testing.assert_allclose(found.numpy(), expected, atol=2e-4)


def test_the_transform_is_that_of_scipy() -> None:
    op = LogMel(RATE, mels=40)
    module: Any = op.module((1, 1234))
    *_, spectra = stft(NOISE[:, 0], window="hann", nperseg=200, noverlap=120, boundary=None, padded=False)
    weights = np.hanning(201)[:-1]
    powers = np.abs(spectra) ** 2 * weights.sum() ** 2 / np.sum(weights**2)
    expected = np.log(module.bands.numpy() @ powers[:, 1:-1] + op.floor)
    np.testing.assert_allclose(module(torch.from_numpy(NOISE[:, :1]))[:, 0].numpy(), expected, atol=2e-4)


def test_a_tone_is_loudest_in_its_band_and_the_floor_is_silence() -> None:
    op = LogMel(RATE, mels=32)
    times = torch.arange(RATE) / RATE
    loudest = op.module((1, RATE))(torch.sin(2 * torch.pi * 1000 * times)[None, None]).mean(dim=3).argmax().item()
    centres = mel_edges(32, 20.0, 4000.0)[1:-1]
    assert loudest == min(range(32), key=lambda band: abs(centres[band] - 1000))
    silence = op.module((1, 400))(torch.zeros(1, 1, 400))
    torch.testing.assert_close(silence, torch.full_like(silence, np.log(1e-6)))


def test_white_noise_has_its_variance_at_each_frequency() -> None:
    op = LogMel(RATE, mels=10)
    module: Any = op.module((1, 400_000))
    noise = 3 * torch.randn(1, 1, 400_000, generator=torch.Generator().manual_seed(0))
    means = module(noise)[0, 0].exp().mean(dim=1) / module.bands.sum(dim=1)
    torch.testing.assert_close(means, torch.full((10,), 9.0), rtol=0.05, atol=0)


def test_a_level_is_divided_out_and_silence_stays() -> None:
    module = LogMel(RATE, mels=10, level=True).module((2, 400))
    sounds = torch.from_numpy(NOISE[:, :, :400])
    loudness = torch.tensor([[1e-3, 1.0], [1.0, 1e3], [1e3, 1e-3]])[:, :, None]
    torch.testing.assert_close(module(loudness * sounds), module(sounds), rtol=1e-4, atol=1e-4)
    silence = module(torch.zeros(1, 2, 400))
    torch.testing.assert_close(silence, torch.full_like(silence, np.log(1e-6)))


def test_by_hand() -> None:
    # One second at 8 kHz: (8000 - 200) / 80 + 1 frames, 99 frequencies above 20 Hz and below 4 kHz, 40 Hz apart.
    op = LogMel(RATE)
    assert op.shape((1, 8000)) == (1, 64, 98)
    assert op.cost((1, 8000)) == Cost(0, 98 * 99 * (2 * 200 + 64))
    assert op.shape((2, 200)) == (2, 64, 1)
    np.testing.assert_allclose(mel_edges(1, 0.0, 700.0), [0, 700 * (2**0.5 - 1), 700])


def test_nothing_of_it_is_stored_or_rounded_by_autocast() -> None:
    module = LogMel(RATE).module((1, 1234))
    assert not module.state_dict()
    x = torch.from_numpy(NOISE[:, :1])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = module(x)
    assert torch.equal(found, module(x))


def _masked(op: SpectrogramMask, x: Tensor, *, seed: int = 0) -> Tensor:
    torch.manual_seed(seed)
    y: Tensor = op.module(tuple(x.shape[1:]))(x)
    return y


def test_masks_are_runs_of_whole_frames_and_bands() -> None:
    op = SpectrogramMask(time=0.25, frequency=0.5, masks=1)
    kept = _masked(op, torch.ones(4000, 2, 10, 20)) == 1
    assert torch.equal(kept[:, 0], kept[:, 1])
    bands, frames = ~kept[:, 0].any(dim=2), ~kept[:, 0].any(dim=1)
    assert torch.equal(kept[:, 0], ~(bands[:, :, None] | frames[:, None, :]))
    for gone, most, size in ((bands, 5, 10), (frames, 5, 20)):
        widths = gone.sum(dim=1)
        starts = torch.diff(gone.int(), dim=1, prepend=torch.zeros(4000, 1, dtype=torch.int)).eq(1).sum(dim=1)
        assert torch.equal(starts, (widths > 0).long())  # one run, or none
        counts = torch.bincount(widths, minlength=most + 1) / 4000
        # Six standard deviations of a share of 1/6 among 4,000.
        assert len(counts) == most + 1
        assert (counts - 1 / (most + 1)).abs().max() < 0.036
        assert gone.any(dim=0).all(), f"each of {size} places is masked in some sample"


def test_several_masks_and_the_generator() -> None:
    op, x = SpectrogramMask(time=0.3, frequency=0.0, masks=3), torch.randn(50, 1, 8, 40)
    runs = torch.diff((_masked(op, x) == 0)[:, 0, 0].int(), dim=1).eq(1).sum(dim=1)
    assert runs.max() == 3
    assert torch.equal(_masked(op, x), _masked(op, x))
    assert not torch.equal(_masked(op, x), _masked(op, x, seed=1))


def test_nothing_is_masked_or_drawn_after_training() -> None:
    x = torch.randn(2, 1, 8, 8)
    module = SpectrogramMask(time=1.0).module((1, 8, 8)).eval()
    before = torch.get_rng_state()
    assert module(x) is x
    assert torch.equal(torch.get_rng_state(), before)


def test_normal_forms() -> None:
    input = (1, 1234)
    same = LogMel(RATE).normal(input)
    assert LogMel(RATE, fmax=4000.0, window_ms=25.04, hop_ms=9.99).normal(input) == same
    assert LogMel(RATE, floor=1e-5).normal(input) != same
    assert LogMel(RATE, cmn=True).normal(input) != same
    assert LogMel(RATE, level=True).normal(input) != same
    assert SpectrogramMask(time=0.1, frequency=0.1).is_identity((1, 9, 9))
    masks = SpectrogramMask().normal((1, 10, 10))
    assert masks == SpectrogramMask(time=0.29).normal((1, 10, 10)) != SpectrogramMask(masks=2).normal((1, 10, 10))


@pytest.mark.parametrize(
    ("op", "input", "message"),
    [
        (LogMel(RATE), (8,), "log_mel needs a waveform (C, L), got 8"),
        (LogMel(RATE), (1, 199), "log_mel has windows of 200 samples (25 ms at 8000 Hz), and its input has 199"),
        (
            LogMel(100, hop_ms=1),
            (1, 199),
            "log_mel needs windows of two samples or more and hops of one or more, got 2 and 0 (25 and 1 ms at 100 Hz)",
        ),
        (
            LogMel(RATE, fmax=5000.0),
            (1, 1234),
            "log_mel needs fmin < fmax, and fmax at most half the rate (4000 Hz), got 20 and 5000",
        ),
        (
            LogMel(RATE, mels=128),
            (1, 1234),
            "log_mel has 128 bands, and 11 of them contain none of the frequencies of a window of 25 ms, which are "
            "40 Hz apart; use fewer mels or a longer window",
        ),
        (SpectrogramMask(), (4, 9), "spectrogram_mask needs a spectrogram (C, H, W), got 4×9"),
    ],
)
def test_refusals(op: Op, input: tuple[int, ...], message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        op.shape(input)
    assert str(caught.value) == message
