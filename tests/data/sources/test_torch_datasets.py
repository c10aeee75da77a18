"""Data sets of PyTorch."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import Dataset as TorchDataset
from torch.utils.data import IterableDataset, Subset, TensorDataset

import nas
from nas.data import from_arrays, from_dataset, from_images
from nas.errors import UsageError

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (10, 6, 5, 3), dtype=np.uint8)
NUMBERS = [0, 1] * 5


class Photos(TorchDataset[Any]):
    """Images of Pillow and numbers of classes, as torchvision's `ImageFolder` has them."""

    classes: Sequence[str] = ("cat", "dog")

    def __len__(self) -> int:
        return len(PIXELS)

    def __getitem__(self, place: int) -> tuple[Image.Image, int]:
        return Image.fromarray(PIXELS[place]), NUMBERS[place]


class Stream(IterableDataset[Any]):
    """Arrays and strings, one after the other."""

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        return ((pixels.transpose(2, 0, 1), "ab"[number]) for pixels, number in zip(PIXELS, NUMBERS, strict=True))


def test_images_of_pillow() -> None:
    data = nas.from_dataset(Photos())
    assert (data.name, data.outputs) == ("Photos", ("cat", "dog"))
    assert data.fingerprint == from_images(PIXELS, NUMBERS, classes=["cat", "dog"]).fingerprint
    first = Subset(Photos(), [0, 2, 4])  # of one class
    both = nas.from_dataset(Photos(), val=Photos(), test=first, name="pets")
    assert both.test is not None
    assert (both.name, len(both.train), len(both.val), len(both.test)) == ("pets", 10, 10, 3)


def test_tensors() -> None:
    inputs = torch.from_numpy(PIXELS.transpose(0, 3, 1, 2) / np.float32(255))
    data = from_dataset(TensorDataset(inputs, torch.tensor(NUMBERS)), classes=["a", "b"], val_share=0.4, seed=3)
    assert (data.name, data.outputs, len(data.val)) == ("TensorDataset", ("a", "b"), 4)
    same = from_arrays(inputs.numpy(), NUMBERS, classes=["a", "b"], val_share=0.4, seed=3)
    assert data.fingerprint == same.fingerprint
    values = TensorDataset(torch.rand(10, 4), torch.rand(10, 2))
    assert from_dataset(values).train.targets.shape == (8, 2)


def test_other_forms() -> None:
    data = from_dataset(Stream())
    assert (data.outputs, data.shape, data.train.inputs.dtype.name) == (("a", "b"), (3, 6, 5), "uint8")
    pairs = from_dataset([([1.0, 2.0], True), ([3.0, 4.0], False)] * 5)
    assert (pairs.outputs, pairs.shape) == (("False", "True"), (2,))

    class Some(Photos):
        classes = ("cat", "dog", "eel")  # one of which no sample has

    assert from_dataset(Some()).outputs == ("0", "1")


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (3, "train: expected a data set with items, got 3"),
        ([], "train: there are no items"),
        ([(1.0, 2.0, 3.0)], "train: item 0: expected a pair of an input and a target, got a tuple of 3"),
        ([({"image": 1}, 2)], "train: item 0: expected a tensor, an array or an image of Pillow, got a dict of 1"),
        ([("text", 2)], "train: item 0: expected a tensor, an array or an image of Pillow, got 'text'"),
        (
            [(torch.zeros(3), 0), (torch.zeros(2), 1)],
            "train: item 1: expected an input like those before, float32 (3,), got float32 (2,)",
        ),
    ],
)
def test_what_is_no_data_set(dataset: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_dataset(dataset)
    assert message in str(caught.value)


def test_an_error_of_the_data_set_says_at_which_item() -> None:
    class Broken(Photos):
        def __getitem__(self, place: int) -> tuple[Image.Image, int]:
            if place == 3:
                raise RuntimeError("the disk is gone")
            return super().__getitem__(place)

    with pytest.raises(RuntimeError, match="the disk is gone") as caught:
        from_dataset(Photos(), val=Broken())
    assert caught.value.__notes__ == ["raised by item 3 of the data set for val"]
