"""Data of any kind, from the path of a file or a folder."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Union

from nas.arguments import checked
from nas.data.dataset import Dataset
from nas.data.sources.source import Source
from nas.errors import UsageError
from nas.settings.signature import Further, Key, gathered, keys_of
from nas.tasks import AUTO

_ONCE_RECORDED = ("val_share", "split_seed")
"""Settings that runs recorded as null where they were not given, when they recorded all that many sources have."""


def auto_of(sources: Mapping[str, Source]) -> Callable[..., Dataset]:
    """The source `auto`, which asks each of `sources` in their order whether it reads a path."""

    @checked
    def auto(*, path: Path, task: str = AUTO, **settings: Annotated[Any, Further(_settings_of(sources))]) -> Dataset:
        """The data of a file or a folder, read by the source that recognises it.

        The data set says what the path was taken for and why.

        Args:
            path: the file or the folder.
            task: the task of the networks.
            settings: those of the source that recognises it.

        Raises:
            UsageError: there is no such file or folder, no source recognises it, or its source lacks a setting.
        """
        name, why = recognise(path, sources)
        if any(settings.get(key, AUTO) is None for key in _ONCE_RECORDED):
            settings = {key: value for key, value in settings.items() if value is not None}
        load = sources[name].load
        known = keys_of(load)
        for key in settings:
            if key not in known:
                others = _taking(key, sources)
                where = f"`data: {{{others[0]}: {{path: {path.name}, {key}: ...}}}}`" if others else ""
                hint = f", which is one of {', '.join(others)}: {where}" if others else ""
                raise UsageError(f"{path} is read as {name}, because {why}; {name} has no setting {key!r}{hint}")
        data = load(**gathered(load, {**settings, "path": path, "task": task}))
        return replace(data, notes=(f"{path.name} is read as `{name}`, because {why}", *data.notes))

    return auto


def _settings_of(sources: Mapping[str, Source]) -> tuple[Key, ...]:
    """The settings of the sources that recognise paths; the type of one that several have allows what each allows."""
    found: dict[str, Key] = {}
    for source in sources.values():
        for key in keys_of(source.load).values() if source.recognise is not None else ():
            if key.name in ("path", "task"):
                continue
            before = found.get(key.name, key)
            type_: Any = Union[before.type, key.type, *((None,) if key.name in _ONCE_RECORDED else ())]
            found[key.name] = replace(before, type=type_)
    return tuple(found.values())


def settings_at(path: Path, sources: Mapping[str, Source]) -> tuple[str, ...]:
    """The settings of the source that recognises a path; of all sources of paths, if none does."""
    try:
        name, _ = recognise(path, sources)
    except UsageError:
        return ("path", "task", *(key.name for key in _settings_of(sources)))
    return tuple(keys_of(sources[name].load))


def recognise(path: Path, sources: Mapping[str, Source]) -> tuple[str, str]:
    """The name of the source that reads a path, and why.

    Raises:
        UsageError: there is no such file or folder, or no source recognises it.
    """
    if not path.exists():
        raise UsageError(f"there is no file or folder {path}")
    for name, source in sources.items():
        why = source.recognise(path) if source.recognise is not None else None
        if why is not None:
            return name, why
    kinds = ", ".join(name for name, source in sources.items() if source.recognise is not None)
    hint = "a folder of images, sounds or texts has a folder for each class; " if path.is_dir() else ""
    raise UsageError(
        f"{path}: no source recognises it; {hint}name one of {kinds}: `data: {{NAME: {{path: {path.name}}}}}`"
    )


def _taking(setting: str, sources: Mapping[str, Source]) -> list[str]:
    """The sources of paths that have a setting."""
    return [
        name for name, source in sources.items() if source.recognise is not None and setting in keys_of(source.load)
    ]
