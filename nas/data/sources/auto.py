"""Data of any kind, from the path of a file or a folder."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nas.arguments import Seed, checked
from nas.data.dataset import Dataset
from nas.data.sources.source import Source
from nas.data.split import Share
from nas.errors import UsageError, nearest
from nas.settings.signature import gathered, keys_of
from nas.tasks import AUTO


def auto_of(sources: Mapping[str, Source]) -> Callable[..., Dataset]:
    """The source `auto`, which asks each of `sources` in their order whether it reads a path."""

    @checked
    def auto(
        *,
        path: Path,
        target: str | list[str] | None = None,
        group: str | None = None,
        time: str | None = None,
        part: str | None = None,
        classes: list[str] | None = None,
        val_share: Share | None = None,
        test_share: Share | None = None,
        split_seed: Seed | None = None,
        task: str = AUTO,
    ) -> Dataset:
        """The data of a file or a folder, read by the source that recognises it.

        The data set says what the path was taken for and why. The settings are some that many sources have, and `null`
        stands for the default of the source. For its other settings, name the source: `{npz: {path: ...}}`.

        Raises:
            UsageError: there is no such file or folder, no source recognises it, or its source lacks a setting.
        """
        name, why = recognise(path, sources)
        given: dict[str, Any] = {
            "target": target,
            "group": group,
            "time": time,
            "part": part,
            "classes": classes,
            "val_share": val_share,
            "test_share": test_share,
            "split_seed": split_seed,
        }
        given = {key: value for key, value in given.items() if value is not None}
        load = sources[name].load
        known = keys_of(load)
        for key in given:
            if key not in known:
                guess = nearest(key, known)
                hint = f"; did you mean {guess!r}?" if guess else ""
                raise UsageError(f"{path} is read as {name}, because {why}; {name} has no setting {key!r}{hint}")
        data = load(**gathered(load, {**given, "path": path, "task": task}))
        return replace(data, notes=(f"{path.name} is read as `{name}`, because {why}", *data.notes))

    return auto


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
    raise UsageError(f"{path}: no source recognises it; name one of {kinds}: `data: {{NAME: {{path: {path.name}}}}}`")
