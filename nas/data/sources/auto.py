"""Data of any kind, from the path of a file or a folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated

from nas.arguments import Seed, checked
from nas.data.dataset import Dataset
from nas.data.sources.source import Source
from nas.data.split import Share
from nas.errors import UsageError, nearest
from nas.settings import INLINE
from nas.settings.signature import gathered, keys_of
from nas.tasks import AUTO


@checked
@dataclass(frozen=True)
class CommonSettings:
    """Settings that many sources have; `null` stands for the default of the source.

    Attributes:
        target: the column of the target, or a list of several.
        group: a column of groups.
        time: a column of dates or numbers.
        part: a column of parts.
        classes: the classes, in the order of the outputs.
        val_share: the fraction of the training samples that becomes the validation part.
        test_share: the fraction of all samples that becomes the test part.
        split_seed: seed of the random draws.
    """

    target: str | list[str] | None = None
    group: str | None = None
    time: str | None = None
    part: str | None = None
    classes: list[str] | None = None
    val_share: Share | None = None
    test_share: Share | None = None
    split_seed: Seed | None = None


def auto_of(sources: Mapping[str, Source]) -> Callable[..., Dataset]:
    """The source `auto`, which asks each of `sources` in their order whether it reads a path."""

    @checked
    def auto(
        *, path: Path, settings: Annotated[CommonSettings, INLINE] = CommonSettings(), task: str = AUTO
    ) -> Dataset:
        """The data of a file or a folder, read by the source that recognises it.

        The data set says what the path was taken for and why. For other settings of a source, name it:
        `{npz: {path: ...}}`.

        Args:
            path: the file or the folder.
            settings: those that many sources have.
            task: the task of the networks.

        Raises:
            UsageError: there is no such file or folder, no source recognises it, or its source lacks a setting.
        """
        name, why = recognise(path, sources)
        given = {one.name: value for one in fields(settings) if (value := getattr(settings, one.name)) is not None}
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
    hint = "a folder of images, sounds or texts has a folder for each class; " if path.is_dir() else ""
    raise UsageError(
        f"{path}: no source recognises it; {hint}name one of {kinds}: `data: {{NAME: {{path: {path.name}}}}}`"
    )
