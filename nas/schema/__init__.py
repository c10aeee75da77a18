"""JSON schemas of the files that people write (draft 2020-12), with which editors complete and check them.

They are made from what the loaders use: the table of ops, the keywords, the signatures behind a run file. A schema
knows less than a loader: it cannot tell which words a file defines, so in a file with `define` every word may be one.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from nas.errors import UsageError, nearest
from nas.schema.common import Schema
from nas.schema.comparison import comparison_schema
from nas.schema.run import run_schema
from nas.schema.space import space_schema

SCHEMAS: Mapping[str, Callable[[], Schema]] = MappingProxyType(
    {"space": space_schema, "run": run_schema, "comparison": comparison_schema}
)
"""The schema of each kind of file."""


def schema_of(kind: str) -> Schema:
    """The schema of a kind of file. Raises UsageError if there is none."""
    if kind not in SCHEMAS:
        guess = nearest(kind, SCHEMAS)
        hint = f"; did you mean {guess!r}?" if guess else ""
        raise UsageError(f"there is no schema of {kind!r}, but of {', '.join(SCHEMAS)}{hint}")
    return SCHEMAS[kind]()


__all__ = ["SCHEMAS", "Schema", "comparison_schema", "run_schema", "schema_of", "space_schema"]
