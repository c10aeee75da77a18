"""Modules with their own `forward`, for ops that are not chains of `torch.nn` layers.

Their source is copied into exported files (`nas/model/source.py`). A class may therefore use only torch, `nn`,
`Tensor`, `F` and other classes of this file, and records its constructor arguments, except defaults, in `arguments`.
"""

import torch
import torch.nn.functional as F  # noqa: N812  as PyTorch's own documentation has it
from torch import Tensor, nn


class Residual(nn.Module):
    """The output of `body` plus the input, or plus the output of `shortcut`."""

    def __init__(self, body: nn.Module, shortcut: nn.Module | None = None) -> None:
        super().__init__()
        self.body = body
        self.shortcut = nn.Identity() if shortcut is None else shortcut

    @property
    def arguments(self) -> dict[str, object]:
        plain = isinstance(self.shortcut, nn.Identity)
        return {"body": self.body} if plain else {"body": self.body, "shortcut": self.shortcut}

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.shortcut(x) + self.body(x)
        return y


class SqueezeExcitation(nn.Module):
    """The input times the output of `gate`, one factor per channel."""

    def __init__(self, gate: nn.Module) -> None:
        super().__init__()
        self.gate = gate

    @property
    def arguments(self) -> dict[str, object]:
        return {"gate": self.gate}

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x * self.gate(x)
        return y


class ChannelNorm(nn.LayerNorm):
    """Layer norm of each position of (N, channels, ...) over its channels."""

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__(channels, eps=eps)

    @property
    def arguments(self) -> dict[str, object]:
        eps = {} if self.eps == 1e-5 else {"eps": self.eps}
        return {"channels": self.normalized_shape[0], **eps}

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class LayerScale(nn.Module):
    """Each channel of a map times a learned factor, initialised to 1e-6."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((channels,), 1e-6))

    @property
    def arguments(self) -> dict[str, object]:
        return {"channels": len(self.scale)}

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale.reshape(-1, *[1] * (x.dim() - 2))


class TwoPhases(nn.Module):
    """The channels of `even`, then those of `odd`, which reads the map shifted by one position along each axis."""

    def __init__(self, even: nn.Module, odd: nn.Module) -> None:
        super().__init__()
        self.even = even
        self.odd = odd

    @property
    def arguments(self) -> dict[str, object]:
        return {"even": self.even, "odd": self.odd}

    def forward(self, x: Tensor) -> Tensor:
        moved = F.pad(x, (-1, 1) * (x.dim() - 2))
        return torch.cat((self.even(x), self.odd(moved)), dim=1)


class Zero(nn.Module):
    """Zeros, one for every `stride`-th position of a map."""

    def __init__(self, stride: int = 1) -> None:
        super().__init__()
        self.stride = stride

    @property
    def arguments(self) -> dict[str, object]:
        return {} if self.stride == 1 else {"stride": self.stride}

    def forward(self, x: Tensor) -> Tensor:
        places = [slice(None)] * 2 + [slice(None, None, self.stride)] * (x.dim() - 2)
        return torch.zeros_like(x[tuple(places)])


class Truncate(nn.Module):
    """The first `width` channels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    @property
    def arguments(self) -> dict[str, object]:
        return {"width": self.width}

    def forward(self, x: Tensor) -> Tensor:
        return x[:, : self.width]
