"""Batches to augment, and what is known of them."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Generator, Tensor

from nas.data import InputSpec
from nas.data.augmentation.batches import Known, known_of
from nas.data.augmentation.colours import Colours

INPUTS: Mapping[str, InputSpec] = {
    "image": InputSpec("image", (3, 6, 5)),
    "sound": InputSpec("sound", (1, 40), rate=8000),
    "series": InputSpec("series", (3, 8)),
    "text": InputSpec("text", (9,), tokens=200),
    "table": InputSpec("table", (5,)),
    "table with categories": InputSpec("table", (5,), categories=(200, 200)),
}
"""What inputs can be."""

SET: Mapping[str, Any] = {
    "shift": 1,
    "flip": True,
    "crop": 0.5,
    "rotate": 20.0,
    "policy": "trivial_augment",
    "operations": 1,
    "magnitude": 12,
    "brightness": 0.5,
    "contrast": 0.5,
    "saturation": 0.5,
    "speed": 0.5,
    "noise": 0.5,
    "gain": 6.0,
    "swap": 0.5,
    "token_dropout": 0.5,
    "cutout": 3,
    "erase": 0.5,
    "time_mask": 0.5,
    "mixup": 1.0,
    "cutmix": 1.0,
}
"""A value other than the default for each setting."""

SUITED = {
    "image": "shift flip crop rotate policy operations magnitude brightness contrast saturation noise cutout erase "
    "mixup cutmix",
    "sound": "shift speed noise gain time_mask mixup cutmix",
    "series": "shift speed noise gain time_mask mixup cutmix",
    "text": "token_dropout",
    "table": "noise swap mixup",
    "table with categories": "noise swap",
}
"""The settings that suit them."""

COLOURS = Colours(torch.tensor(0.0), torch.tensor(255.0))


def seeded(seed: int = 0) -> Generator:
    return torch.Generator().manual_seed(seed)


def batch_of(shape: tuple[int, ...], dtype: torch.dtype = torch.float32, count: int = 64) -> Tensor:
    """Random integers from 1 to 199."""
    return torch.randint(1, 200, (count, *shape), generator=seeded(7)).to(dtype)


def known(batch: Tensor, input: InputSpec) -> Known:
    return known_of(*input.moments(batch.numpy()), batch)
