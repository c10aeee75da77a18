"""The kinds of files that people write: how each is recognised, checked, and completed by editors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from nas.comparison.config import is_comparison, load_comparison
from nas.comparison.prepare import prepare_comparison
from nas.document import Node, read_document
from nas.errors import UsageError, nearest
from nas.runs.config import RunConfig
from nas.runs.notices import notes
from nas.runs.prepare import load_run, prepare
from nas.schema import Schema, comparison_schema, run_schema, space_schema
from nas.settings.signature import keys_of
from nas.space import load_space
from nas.space.reading.load import TOP_KEYS as SPACE_KEYS
from nas.space.reading.load import check_space, needs_data
from nas.tabular.declared import is_declaration, read_declared


class Valid(NamedTuple):
    """What is known of a valid file: its name; of a run, the task of its data, the names of its outputs, and notes."""

    name: str
    task: str = ""
    outputs: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class FileKind:
    """A kind of file.

    Attributes:
        check: reads a file and all that it names. Raises what is wrong.
        schema: makes the JSON schema; None: there is none.
    """

    check: Callable[[Path], Valid]
    schema: Callable[[], Schema] | None


def _check_space(path: Path) -> Valid:
    if needs_data(read_document(path)):
        return Valid(check_space(path).name)
    space = load_space(path)
    space.check()
    return Valid(space.name)


def _check_run(path: Path) -> Valid:
    config = load_run(path)
    data = prepare(config).data
    return Valid(config.name, data.task.name, data.outputs, notes(config, data))


def _check_comparison(path: Path) -> Valid:
    config = load_comparison(path)
    prepare_comparison(config)
    return Valid(config.name)


def _check_table(path: Path) -> Valid:
    return Valid(read_declared(read_document(path), path).name)


KINDS: Mapping[str, FileKind] = MappingProxyType(
    {
        "space": FileKind(_check_space, space_schema),
        "run": FileKind(_check_run, run_schema),
        "comparison": FileKind(_check_comparison, comparison_schema),
        "table": FileKind(_check_table, None),
    }
)
"""The kinds of files, by name."""


def schema_of(kind: str) -> Schema:
    """The JSON schema of a kind of file. Raises UsageError if there is none."""
    make = KINDS[kind].schema if kind in KINDS else None
    if make is None:
        known = [name for name, one in KINDS.items() if one.schema is not None]
        guess = nearest(kind, known)
        hint = f"; did you mean {guess!r}?" if guess else ""
        raise UsageError(f"there is no schema of {kind!r}, but of {', '.join(known)}{hint}")
    return make()


def kind_of(node: Node) -> str:
    """The kind of file whose keys a document has: one of `KINDS`."""
    keys = list(node.value) if isinstance(node.value, dict) else []
    if is_declaration(node):
        return "table"
    if is_comparison(node):
        return "comparison"
    if "layers" in keys or "space" in keys:
        return "space" if "layers" in keys else "run"

    def meant(known: Sequence[str]) -> int:
        return sum(bool(nearest(key, set(known) - {"name"})) for key in keys)

    return "run" if meant(tuple(keys_of(RunConfig))) > meant(SPACE_KEYS) else "space"
