"""Batches as images of Pillow, whose operations are those of the papers."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def pictures(images: Tensor) -> list[Image.Image]:
    return [Image.fromarray(image.permute(1, 2, 0).numpy()) for image in images]


def tensor(pictures: list[Image.Image]) -> Tensor:
    return torch.stack([torch.from_numpy(np.array(one)) for one in pictures]).permute(0, 3, 1, 2).float()
