"""Data sets by name, one source per file: what `data:` in a run file can be."""

import inspect
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from nas.arguments import checked
from nas.data.dataset import Dataset
from nas.data.reading import TABLE_FILES
from nas.data.sources.auto import auto_of, settings_at
from nas.data.sources.cifar import cifar, recognise_cifar
from nas.data.sources.digits import digits
from nas.data.sources.huggingface import huggingface, recognise_huggingface
from nas.data.sources.idx import idx, recognise_idx
from nas.data.sources.images import images, recognise_images
from nas.data.sources.medmnist import medmnist, recognise_medmnist
from nas.data.sources.npz import npz
from nas.data.sources.players import players
from nas.data.sources.sklearn import sklearn
from nas.data.sources.sounds import recognise_sounds, sounds
from nas.data.sources.source import Source, by_suffix
from nas.data.sources.table import table
from nas.data.sources.texts import recognise_texts, texts
from nas.errors import UsageError, nearest
from nas.settings import Registry
from nas.settings.signature import REQUIRED, gathered, keys_of

SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        "cifar": Source(cifar, recognise_cifar),
        "digits": Source(digits),
        "huggingface": Source(huggingface, recognise_huggingface),
        "idx": Source(idx, recognise_idx),
        "images": Source(images, recognise_images),
        "medmnist": Source(medmnist, recognise_medmnist),
        "players": Source(players),
        "sklearn": Source(sklearn),
        "sounds": Source(sounds, recognise_sounds),
        "npz": Source(npz, by_suffix(".npz")),
        "texts": Source(texts, recognise_texts),  # before `table`, which reads all files of tables
        "table": Source(table, by_suffix(*TABLE_FILES)),
    }
)
"""The table of sources. A new one is a file of this folder and a line here; `auto` asks them in this order."""

DATASETS: Registry[Dataset] = Registry(
    Dataset,
    "data set",
    {"auto": auto_of(SOURCES), **{name: source.load for name, source in SOURCES.items()}},
    supplied=("task",),
    of_path="auto",
    keys_at=lambda path: settings_at(path, SOURCES),
)
"""The table of data sets, by their names in a run file."""


@checked
def load_data(name: str, **options: object) -> Dataset:
    """A data set by name.

    Args:
        name: in the table of data sets; or the path of a file or a folder, which is read as `auto` does.
        options: the settings of its factory.

    Raises:
        UsageError: there is no such data set or setting, or not enough memory.
    """
    if name not in DATASETS and Path(name).exists():
        return load_data("auto", path=name, **options)
    if name not in DATASETS:
        guess = nearest(name, DATASETS)
        hint = f"; did you mean {guess!r}?" if guess else ""
        raise UsageError(f"no data set is named {name!r}; there are {', '.join(DATASETS)}{hint}")
    load = DATASETS[name]
    keys = keys_of(load)
    path = options.get("path")
    at_path = name == DATASETS.of_path and isinstance(path, str | Path)
    suited = [*keys] if not at_path else [*settings_at(Path(str(path)), SOURCES)]
    known = f"its settings are {', '.join(suited)}"
    for key in options:
        if key not in keys:
            guess = nearest(key, suited)
            hint = f"; did you mean {guess!r}?" if guess else ""
            raise UsageError(f"data set {name!r}: no such setting: {key!r}; {known}{hint}")
    if missing := [key.name for key in keys.values() if key.default is REQUIRED and key.name not in options]:
        raise UsageError(f"data set {name!r}: {missing[0]!r} is missing; {known}")
    try:
        arguments = gathered(load, options)
        inspect.signature(load).bind(**arguments)
    except TypeError as error:
        raise UsageError(f"data set {name!r}: {error}; {known}") from error
    try:
        return load(**arguments)
    except MemoryError as error:
        where = f" of {options['path']}" if "path" in options else ""
        told = f" ({error})" if str(error) else ""
        raise UsageError(f"data set {name!r}{where}: there is not enough memory{told}") from error
