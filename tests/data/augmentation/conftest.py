import pytest
import torch
from torch import Tensor

from tests.data.augmentation.batch import seeded


@pytest.fixture(scope="module")
def photographs() -> Tensor:
    """Smooth images `(8, 3, 20, 17)` of uint8, of narrow and wide ranges."""
    generator = seeded(3)
    coarse = torch.rand(8, 3, 4, 4, generator=generator)
    smooth = torch.nn.functional.interpolate(coarse, size=(20, 17), mode="bilinear")
    return (40 + smooth * torch.linspace(20, 210, 8).view(8, 1, 1, 1)).to(torch.uint8)
