"""What NumPy would read wrongly, or would refuse in words of its own."""

from typing import Any

import numpy as np
import pytest
import scipy.sparse
import torch

from nas.arrays import as_array
from nas.data import from_arrays
from nas.errors import UsageError

HOLED = np.ma.array(np.zeros((3, 2)), mask=np.array([[0, 0], [0, 1], [1, 1]], bool))


class OnGpu:
    """A tensor as it is on a GPU."""

    requires_grad, layout, dtype, device = True, torch.strided, torch.float32, torch.device("cuda:0")

    def __array__(self, *_: object, **__: object) -> np.ndarray:
        raise TypeError("can't convert cuda:0 device type tensor to numpy")


REFUSED: dict[str, tuple[Any, str]] = {
    "masked": (HOLED, "sample 1 has a masked value (2 of 3 have); fill such values, or leave these samples out"),
    "masked samples in a list": ([HOLED[0], HOLED[1]], "sample 1 has a masked value (1 of 2 have)"),
    "masked values in lists": ([[0, 1], [0, np.ma.masked]], "sample 1 has a masked value (1 of 2 have)"),
    "masked fields": (
        np.ma.array([(1, 2), (3, 4)], "i4,f4", mask=np.array([(0, 0), (0, 1)], "?,?")),
        "sample 1 has a masked value (1 of 2",
    ),
    "a masked value": (np.ma.masked, "sample 0 has a masked value (1 of 1 have)"),
    "a parameter": (torch.ones(2, requires_grad=True), "got a tensor that requires grad; pass its .detach()"),
    "a list of such": ([torch.ones(2, requires_grad=True)] * 2, "a tensor that requires grad; pass its .detach()"),
    "sparse": (torch.eye(2).to_sparse(), "got a tensor of the layout torch.sparse_coo; pass its .to_dense()"),
    "bfloat16": (torch.ones(2).bfloat16(), "got a tensor of the type torch.bfloat16; pass its .float()"),
    "on a GPU": (OnGpu(), "a tensor that requires grad and on the device cuda:0; pass its .detach().cpu()"),
    "without values": (torch.ones(2, device="meta"), "got a tensor: can't convert meta device type tensor"),
    "sparse of SciPy": (scipy.sparse.eye(2), "expected an array, got an object of the class "),
    "a hint for that": (scipy.sparse.eye(2), "; .toarray() makes it dense"),
    "a path": ("data.npz", "expected an array, got 'data.npz'"),
    "a number": (3, "expected an array, got 3"),
    "a generator": (iter([1, 2]), "expected an array, got an object of the class list_iterator"),
    "ragged": ([[1, 2], [3]], "expected an array, got a list of 2: "),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_array_is_refused_and_the_message_says_what_to_do(name: str) -> None:
    values, message = REFUSED[name]
    with pytest.raises(UsageError, match=r"^val inputs: ") as caught:
        as_array("val inputs", values)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        np.arange(6.0).reshape(3, 2),
        np.ma.array(np.arange(6.0).reshape(3, 2)),
        np.ma.array(np.arange(6.0).reshape(3, 2), mask=np.zeros((3, 2), bool)),
        [[0, 1], [2, 3], [4, 5]],
        [np.array([0, 1]), (2, 3), [np.float32(4), torch.tensor(5)]],
        torch.arange(6).reshape(3, 2),
        torch.arange(6).reshape(3, 2).float(),
    ],
    ids=["array", "masked array without a mask", "nothing masked", "lists", "of all kinds", "tensor", "float tensor"],
)
def test_what_numpy_reads_is_read(values: Any) -> None:
    assert as_array("inputs", values).tolist() == [[0, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize(("argument", "told"), [("inputs", "inputs"), ("targets", "(targets|labels)")])
@pytest.mark.parametrize("part", ["train", "val", "test"])
def test_every_array_of_a_data_set_is_looked_at(part: str, argument: str, told: str) -> None:
    parts: dict[str, dict[str, Any]] = {
        name: {"inputs": np.zeros((2, 2)), "targets": np.arange(2)} for name in ("train", "val", "test")
    }
    values = parts[part][argument]
    parts[part][argument] = np.ma.array(values, mask=values == values[-1])
    val, test = tuple(parts["val"].values()), tuple(parts["test"].values())
    with pytest.raises(UsageError, match=f"^{part} {told}: sample . has a masked value"):
        from_arrays(**parts["train"], val=val, test=test)
