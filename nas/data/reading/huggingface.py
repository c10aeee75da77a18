"""Data sets of Hugging Face, read by their package `datasets`, which the extra `huggingface` installs.

Data sets are Arrow files with features in JSON. Since version 4, the package executes no code of a data set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nas.data.split import PART_NAMES
from nas.errors import IntegrityError, StorageError, UsageError, few, nearest
from nas.extras import package

SAVED = ("dataset_dict.json", "dataset_info.json")
"""Files of folders that `save_to_disk` writes: of several splits, and of one."""

_TARGETS = ("label", "labels", "target", "targets", "class", "score")
"""Names of the column of targets that are recognised, in this order, if no column has the type of a label."""

UNKNOWN = -1
"""The label of samples whose class is kept secret, in the test parts of competitions."""


@dataclass(frozen=True, eq=False)
class HubPart:
    """The samples of one part.

    Attributes:
        inputs: `(N,)` objects: the bytes or the path of each image, or each text.
        targets: `(N,)` names of classes or numbers, or for several labels a list of names for each sample.
    """

    inputs: NDArray[np.object_]
    targets: Any


@dataclass(frozen=True, eq=False)
class HubData:
    """What a data set has.

    Attributes:
        parts: `train`, and those of `val` and `test` that there are.
        kind: what the inputs are.
        classes: the names of the classes that the training part has, in the order of the data set; None: the targets
            are not of the type of labels.
        notes: what a reader should know, a sentence each.
    """

    parts: Mapping[str, HubPart]
    kind: Literal["image", "text"]
    classes: Sequence[str] | None
    notes: tuple[str, ...]


def open_saved(path: Path) -> Mapping[str, Any]:
    """The splits of a folder that `save_to_disk` wrote, by name.

    Raises:
        UsageError: the package is missing, or the folder is not of this kind.
        IntegrityError: a file is damaged.
    """
    datasets = package("datasets", "a data set of Hugging Face")
    if not any((path / name).is_file() for name in SAVED):
        raise UsageError(f"{path}: expected a folder that `save_to_disk` wrote, with {' or '.join(SAVED)}")
    try:
        return _splits(datasets.load_from_disk(str(path)))
    except _broken() as error:
        raise IntegrityError(f"{path}: the data set is damaged: {_first_line(error)}") from error


def open_hub(name: str, config: str | None, revision: str | None) -> Mapping[str, Any]:
    """The splits of a data set on the hub, by name; they are downloaded unless they are in the cache of the package.

    Raises:
        UsageError: the package is missing, or there is no such data set.
        StorageError: it cannot be downloaded.
    """
    datasets = package("datasets", "a data set of Hugging Face")
    try:
        return _splits(datasets.load_dataset(name, config, revision=revision))
    except (ConnectionError, TimeoutError) as error:
        raise StorageError(f"{name} cannot be downloaded: {_first_line(error)}") from error
    except _broken() as error:
        raise UsageError(f"{name} cannot be loaded from the hub: {_first_line(error)}") from error


def read_splits(
    where: str, splits: Mapping[str, Any], *, input: str | None, target: str | None, folder: Path | None
) -> HubData:
    """The samples of splits. Splits that are not parts are left out, and so are those without known labels.

    Args:
        where: the name of the data set, for errors.
        splits: by name.
        input: the column of images or texts; None: the only one of images, or else of strings.
        target: the column of targets; None: the only one of labels, or one with a usual name.
        folder: the folder of the data set, which paths of images must not leave; None: paths are those of the cache.

    Raises:
        UsageError: there is no training split, or no such column.
    """
    notes: list[str] = []
    named: dict[str, Any] = {}
    for name, split in splits.items():
        part = PART_NAMES.get(name.lower())
        if part is None or part in named:
            notes.append(f"The split {name!r} of {len(split):,} samples is not a part, and is left out")
        else:
            named[part] = split
    if "train" not in named and len(splits) == 1:
        named, notes = {"train": next(iter(splits.values()))}, []
    if "train" not in named:
        raise UsageError(f"{where} has no split `train`; it has {few(splits)}")
    features = named["train"].features
    target = _target(where, features, target)
    input, kind = _input(where, features, input, target)
    names = _class_names(features[target])
    parts: dict[str, HubPart] = {}
    for part in ("train", "val", "test"):
        if part not in named:
            continue
        split, targets = named[part], _values(named[part], target)
        unknown = 0 if names is None else sum(one is None or one == UNKNOWN for one in targets)
        if unknown == len(targets) and unknown and part != "train":
            notes.append(f"The split of the {part} part has no labels, and is left out")
            continue
        if unknown:
            raise UsageError(
                f"{where}, {part}: {unknown:,} of {len(targets):,} labels are missing or unknown ({UNKNOWN})"
            )
        parts[part] = HubPart(_inputs(f"{where}, {part}", split, input, kind, folder), _labels(targets, names))
    classes = None
    if names is not None:
        shown = {one for labels in parts["train"].targets for one in ([labels] if isinstance(labels, str) else labels)}
        classes = [name for name in names if name in shown]
        if len(classes) < len(names):
            notes.append(
                f"{len(names) - len(classes)} of {len(names)} classes have no training sample, and are left out"
            )
    return HubData(parts, kind, classes, tuple(notes))


def _broken() -> tuple[type[Exception], ...]:
    """What the package raises for damaged or unknown data sets."""
    arrow = package("pyarrow", "a data set of Hugging Face")
    return OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError, arrow.ArrowException


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _splits(loaded: Any) -> Mapping[str, Any]:
    return dict(loaded) if isinstance(loaded, dict) else {"train": loaded}


def _type(feature: Any) -> str:
    return type(feature).__name__


def _target(where: str, features: Mapping[str, Any], target: str | None) -> str:
    if target is not None:
        return _existing(where, features, target)
    labels = [name for name, feature in features.items() if _class_names(feature) is not None]
    usual = [name for name in _TARGETS if name in features]
    found = labels if len(labels) == 1 else usual
    if not found:
        raise UsageError(f"{where}: `target` must name the column of targets; it has {few(features)}")
    return found[0]


def _input(
    where: str, features: Mapping[str, Any], input: str | None, target: str
) -> tuple[str, Literal["image", "text"]]:
    kinds: dict[str, Literal["image", "text"]] = {
        name: "image" if _type(feature) == "Image" else "text"
        for name, feature in features.items()
        if name != target
        and (_type(feature) == "Image" or getattr(feature, "dtype", None) in ("string", "large_string"))
    }
    if input is not None:
        if _existing(where, features, input) not in kinds:
            raise UsageError(f"{where}: the column {input!r} has neither images nor texts, but {features[input]}")
        return input, kinds[input]
    for kind in ("image", "text"):
        found = [name for name, own in kinds.items() if own == kind]
        if len(found) == 1:
            return found[0], kinds[found[0]]
        if found:
            raise UsageError(f"{where}: `input` must name one of the columns {few(found)}")
    raise UsageError(
        f"{where} has no column of images or texts; it has {few(features)}; `to_parquet` makes a file for `table`"
    )


def _existing(where: str, features: Mapping[str, Any], name: str) -> str:
    if name not in features:
        guess = nearest(name, features)
        hint = f"; did you mean {guess!r}?" if guess else ""
        raise UsageError(f"{where} has no column {name!r}{hint}; it has {few(features)}")
    return name


def _class_names(feature: Any) -> Sequence[str] | None:
    """The names of labels; None for another type."""
    inner = getattr(feature, "feature", feature)  # of a list
    return list(inner.names) if _type(inner) == "ClassLabel" else None


def _values(split: Any, column: str) -> list[Any]:
    return list(split.with_format(None)[column])


def _labels(values: list[Any], names: Sequence[str] | None) -> Any:
    if names is None:
        return values
    return [names[one] if isinstance(one, int) else [names[label] for label in one] for one in values]


def _inputs(
    where: str, split: Any, column: str, kind: Literal["image", "text"], folder: Path | None
) -> NDArray[np.object_]:
    if kind == "image":
        split = split.cast_column(column, package("datasets", "a data set of Hugging Face").Image(decode=False))
    found = np.empty(len(split), object)
    for place, value in enumerate(_values(split, column)):
        if value is None:
            raise UsageError(f"{where}: row {place} has no {kind}")
        found[place] = value if kind == "text" else _encoded(f"{where}: row {place}", value, folder)
    return found


def _encoded(where: str, value: Mapping[str, Any], folder: Path | None) -> bytes | Path:
    if value.get("bytes") is not None:
        return bytes(value["bytes"])
    path = Path(value.get("path") or "")
    if folder is not None and not path.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"{where}: the image {str(path)!r} is outside of the folder {folder}")
    return path
