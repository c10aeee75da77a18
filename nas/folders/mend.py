"""The repair of a folder: damaged files are moved aside, so that whatever follows from other files can be recreated.

Nothing is trained, and nothing is deleted.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from nas.arguments import checked
from nas.driver.lock import exclusive
from nas.errors import Damaged, StorageError
from nas.folders.aside import Aside
from nas.folders.damage import is_lost, reason_of
from nas.folders.layout import Check, Layout
from nas.manifest import MANIFEST, Manifest


@checked
@dataclass(frozen=True)
class Repaired:
    """What a repair found and did.

    Attributes:
        folder: the folder.
        damaged: what was wrong with each damaged file, by its name.
        aside: where the damaged files are now; None: none had to be moved.
        log: what was saved of the log of a run, in a sentence; empty: the log is not damaged.
        command: recreates the missing files; empty: none are missing.
        needs: the word in `command` that stands for the original file; empty: there is none.
    """

    folder: Path
    damaged: Mapping[str, str]
    aside: Path | None
    log: str
    command: str
    needs: str

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data, for `--json`."""
        return {**asdict(self), "folder": str(self.folder), "aside": None if self.aside is None else str(self.aside)}


class Rest(NamedTuple):
    """What remains after the damaged files are moved aside: `log`, `command` and `needs` of `Repaired`."""

    log: str
    command: str
    needs: str


@dataclass(frozen=True)
class Kind:
    """A kind of folder that can be repaired.

    Attributes:
        name: what a folder of this kind contains.
        layout: its parts.
        is_begun: whether there must be a manifest.
        vouched: for a folder without a manifest, its files, and whether each is right by its own content or by that of
            others.
        finish: repairs what depends on the meaning of the files, and says how to recreate the rest.
    """

    name: str
    layout: Layout
    is_begun: Callable[[Path], bool]
    vouched: Callable[[Path], Mapping[str, bool]]
    finish: Callable[[Manifest, Aside], Rest]


def mend(folder: Path, kind: Kind) -> Repaired:
    """Repairs a folder.

    Raises:
        StorageError: it is in use, a file cannot be read for lack of a permission, or cannot be moved.
        IntegrityError: another program wrote to the log, or nothing says to what the log belongs; it is left as it is.
    """
    aside, manifest, layout = Aside(folder), Manifest(folder), kind.layout
    aside.take_unless(Path.is_file, layout.names(Check.PROCESS), "file")
    with exclusive(folder / layout.locked):
        aside.take_unless(Path.is_dir, layout.folders, "folder")
        aside.take_unless(Path.is_file, layout.unchecked(folder), "file")
        _take_damaged(manifest, aside, kind)
        rest = kind.finish(manifest, aside)
    if not aside.damaged:
        rest = rest._replace(command="", needs="")
    return Repaired(folder, aside.damaged, aside.path, *rest)


def _take_damaged(manifest: Manifest, aside: Aside, kind: Kind) -> None:
    """Moves the files aside whose checksum differs. A lost manifest is rewritten from the files that are vouched for;
    the others are moved aside."""
    folder = manifest.folder
    is_begun = kind.is_begun(folder)
    try:
        damage = manifest.damage()
    except (Damaged, StorageError) as error:
        if not is_lost(error):
            raise
        aside.take(MANIFEST, reason_of(error, manifest.path))
        damage = {}
    if refused := [wrong for wrong in damage.values() if not is_lost(wrong)]:
        raise refused[0]
    for name, wrong in damage.items():
        aside.take(name, reason_of(wrong, folder / name))
        manifest.forget(name)
    if os.path.lexists(manifest.path) or not (is_begun or MANIFEST in aside.damaged):
        return
    aside.damaged.setdefault(MANIFEST, "is missing")
    files = {name: is_right for name, is_right in kind.vouched(folder).items() if os.path.lexists(folder / name)}
    for name, is_right in files.items():
        if not is_right:
            aside.take(name, f"cannot be verified without {MANIFEST}")
    manifest.adopt(*(name for name, is_right in files.items() if is_right))
