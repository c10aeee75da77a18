import numpy as np
import pytest

from nas.data import Dataset, from_arrays


@pytest.fixture(scope="session")
def squares() -> Dataset:
    """90 images of 6×6 pixels, with a bright quarter that is the class."""
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 4
    images = rng.normal(size=(90, 1, 6, 6))
    for image, label in zip(images, labels, strict=True):
        image[:, 3 * (label // 2) :, 3 * (label % 2) :][:, :3, :3] += 2
    return from_arrays(images.astype(np.float32), labels, name="squares", val_share=0.3)
