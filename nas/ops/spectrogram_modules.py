"""Modules of spectrograms.

This file is imported only when a network is built. Each class is copied into the exported `model.py`. It may therefore
use only torch and other classes of this file, and records its constructor arguments in `arguments`.
"""

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn


class LogMelSpectrogram(nn.Module):
    """Waveforms (N, C, L) to log-mel spectrograms (N, C, mels, frames), in float32 under autocast.

    Windows have `window` samples, `hop` samples apart, and are weighted by a periodic Hann window. Triangles of height
    1 from `fmin` to `fmax` Hz on the mel scale of HTK sum the powers of the frequencies, divided by the sum of the
    squared weights. With `level`, each waveform is first divided by its root mean square, at least 1e-6. With `cmn`,
    each band's mean over the frames is subtracted.
    """

    basis: Tensor
    bands: Tensor

    def __init__(
        self,
        rate: int,
        mels: int,
        window: int,
        hop: int,
        fmin: float,
        fmax: float,
        floor: float = 1e-6,
        cmn: bool = False,
        level: bool = False,
    ) -> None:
        super().__init__()
        self.rate, self.mels, self.window, self.hop = rate, mels, window, hop
        self.fmin, self.fmax, self.floor = fmin, fmax, floor
        self.cmn, self.level = cmn, level
        hz = [k * rate / window for k in range(window // 2 + 1) if fmin < k * rate / window < fmax]
        frequencies = torch.tensor(hz, dtype=torch.float64)
        times = torch.arange(window, dtype=torch.float64)
        hann = (torch.pi * times / window).sin().square()
        angles = 2 * torch.pi / rate * frequencies[:, None] * times
        waves = torch.cat((angles.cos(), angles.sin())) * hann / hann.square().sum().sqrt()
        first, last = ((1 + torch.tensor([f / 700], dtype=torch.float64)).log10() for f in (fmin, fmax))
        steps = torch.arange(mels + 2, dtype=torch.float64) / (mels + 1)
        edges = 700 * (10 ** (first + (last - first) * steps) - 1)[:, None]
        rising = (frequencies - edges[:-2]) / (edges[1:-1] - edges[:-2])
        falling = (edges[2:] - frequencies) / (edges[2:] - edges[1:-1])
        # They follow from the arguments, so they are not stored with the weights.
        self.register_buffer("basis", waves[:, None].float(), persistent=False)  # (2 · frequencies, 1, window)
        self.register_buffer("bands", torch.minimum(rising, falling).clamp(min=0).float(), persistent=False)

    @property
    def arguments(self) -> dict[str, object]:
        needed = ("rate", "mels", "window", "hop", "fmin", "fmax")
        floor = {} if self.floor == 1e-6 else {"floor": self.floor}
        flags = {name: True for name in ("cmn", "level") if getattr(self, name)}
        return {**{name: getattr(self, name) for name in needed}, **floor, **flags}

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast("cpu" if x.is_meta else x.device.type, enabled=False):
            sounds = x.to(self.basis.dtype).flatten(0, 1).unsqueeze(1)
            if self.level:
                sounds = sounds / sounds.square().mean(dim=2, keepdim=True).clamp(min=1e-12).sqrt()
            waves = F.conv1d(sounds, self.basis, stride=self.hop)
            cosines, sines = waves.square().chunk(2, dim=1)
            powers = self.bands @ (cosines + sines)  # (N · C, mels, frames)
            y = (powers + self.floor).log().reshape(*x.shape[:2], *powers.shape[1:])
            return y - y.mean(dim=3, keepdim=True) if self.cmn else y


class SpectrogramMasks(nn.Module):
    """In training, zeroes `masks` runs of up to `time` frames and of up to `frequency` bands of (N, C, bands, frames).

    The runs of each sample are drawn independently, and are the same for all its channels.
    """

    def __init__(self, time: int, frequency: int, masks: int = 1) -> None:
        super().__init__()
        self.time, self.frequency, self.masks = time, frequency, masks

    @property
    def arguments(self) -> dict[str, object]:
        masks = {} if self.masks == 1 else {"masks": self.masks}
        return {"time": self.time, "frequency": self.frequency, **masks}

    def forward(self, x: Tensor) -> Tensor:
        return x * self.kept(x) if self.training and (self.time or self.frequency) else x

    def kept(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """(N, 1, bands, frames): 1 where values are kept, 0 elsewhere."""
        draws = torch.rand(4, len(x), self.masks, 1, device=x.device, generator=generator)
        frames = self.outside(draws[0], draws[1], self.time, x.shape[3])
        bands = self.outside(draws[2], draws[3], self.frequency, x.shape[2])
        return (bands[:, None, :, None] & frames[:, None, None, :]).to(x.dtype)

    def outside(self, width: Tensor, place: Tensor, most: int, size: int) -> Tensor:
        """(N, size): whether a place is outside all runs; `width` and `place` are draws (N, masks, 1) in [0, 1)."""
        widths = (width * (most + 1)).floor()
        first = (place * (size - widths + 1)).floor()
        places = torch.arange(size, device=width.device)
        return ((places < first) | (places >= first + widths)).all(dim=1)
