"""Data sets from those of PyTorch, such as torchvision's. PyTorch itself is not needed."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.arguments import checked, describe_value
from nas.arrays import as_array
from nas.data.dataset import Dataset
from nas.data.sources.arrays import from_arrays
from nas.data.sources.image_lists import from_images
from nas.data.split import Share
from nas.errors import UsageError
from nas.tasks import AUTO


@checked
def from_dataset(
    dataset: Any,
    *,
    val: Any = None,
    test: Any = None,
    task: str = AUTO,
    classes: Sequence[str] | None = None,
    name: str | None = None,
    val_share: Share = 0.2,
    seed: int = 0,
) -> Dataset:
    """A data set from a `torch.utils.data.Dataset`, or from anything else that has pairs of an input and a target.

    Each item is read once, and inputs are kept in memory. Random transformations would thus be drawn once: leave them
    to the recipe (`augment`), and normalisation to the network. `IterableDataset` is read to its end.

    Args:
        dataset: the training samples. Inputs are tensors or arrays of equal shape, channels first as in `from_arrays`,
            or images of Pillow of any sizes, as in `from_images`. Targets are numbers, strings, or tensors or arrays of
            one shape.
        val: likewise, for validation; None: a fraction `val_share` of the samples is split off.
        test: likewise, for the final test.
        task: the name of the task; `auto`: the targets decide.
        classes: their names; None: the attribute `classes` of the data set, as torchvision's have it, if its targets
            are the numbers of these, otherwise the labels themselves.
        name: for reports; None: the name of the class of the data set.
        val_share: the fraction of the samples that becomes `val`, in (0, 1).
        seed: of that split.

    Raises:
        UsageError: an item is not such a pair, or the samples do not form a data set; says which.
    """
    parts = {
        part: _read(part, one) for part, one in (("train", dataset), ("val", val), ("test", test)) if one is not None
    }
    inputs, targets = parts["train"]
    if classes is None:
        classes = _classes(dataset, targets)
    others: dict[str, Any] = {part: pair for part, pair in parts.items() if part != "train"}
    made = from_arrays if isinstance(inputs, np.ndarray) else from_images
    return made(
        inputs,
        targets,
        **others,
        task=task,
        classes=classes,
        name=name or type(dataset).__name__,
        val_share=val_share,
        seed=seed,
    )


def _read(part: str, dataset: Any) -> tuple[Any, NDArray[Any]]:
    """The inputs of a part, as one array or as a list of images, and its targets."""
    inputs: list[Any] = []
    targets: list[Any] = []
    for place, item in enumerate(_items(part, dataset)):
        where = f"{part}: item {place}"
        if not isinstance(item, tuple | list) or len(item) != 2:
            raise UsageError(f"{where}: expected a pair of an input and a target, got {describe_value(item)}")
        value = _plain(where, item[0])
        if isinstance(value, list | tuple):
            value = as_array(where, value)
        if not isinstance(value, np.ndarray) and not hasattr(value, "getbands"):  # as images of Pillow have
            raise UsageError(f"{where}: expected a tensor, an array or an image of Pillow, got {describe_value(value)}")
        if inputs and _kind(value) != _kind(inputs[0]):
            raise UsageError(f"{where}: expected an input like those before, {_kind(inputs[0])}, got {_kind(value)}")
        inputs.append(value)
        targets.append(_plain(where, item[1]))
    if not inputs:
        raise UsageError(f"{part}: there are no items")
    return (np.stack(inputs) if isinstance(inputs[0], np.ndarray) else inputs), as_array(f"{part} targets", targets)


def _items(part: str, dataset: Any) -> Iterator[Any]:
    """The items in order; an exception that one raises has a note which says which."""
    if not hasattr(dataset, "__getitem__") and not hasattr(dataset, "__iter__"):
        raise UsageError(f"{part}: expected a data set with items, got {describe_value(dataset)}")
    by_place = hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__")
    items = (dataset[place] for place in range(len(dataset))) if by_place else iter(dataset)
    place = 0
    while True:
        try:
            item = next(items)
        except StopIteration:
            return
        except Exception as error:
            error.add_note(f"raised by item {place} of the data set for {part}")
            raise
        yield item
        place += 1


def _plain(where: str, value: Any) -> Any:
    """A tensor as an array, a tensor of one number as that; other values as they are."""
    if getattr(value, "ndim", None) == 0:
        return value.item()
    return as_array(where, value.detach().cpu()) if hasattr(value, "detach") else value


def _kind(value: Any) -> str:
    return f"{value.dtype} {value.shape}" if isinstance(value, np.ndarray) else type(value).__name__


def _classes(dataset: Any, targets: NDArray[Any]) -> Sequence[str] | None:
    names = getattr(dataset, "classes", None)
    if not isinstance(names, list | tuple) or not all(isinstance(one, str) for one in names):
        return None
    is_complete = targets.dtype.kind in "iu" and np.array_equal(np.unique(targets), np.arange(len(names)))
    return list(names) if is_complete else None
