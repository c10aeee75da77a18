"""Files as typed declarations, and settings: a name from a table with arguments.

A mapping in a file is read as the arguments of what it stands for, a frozen dataclass or a function: its signature says
which keys there are, their types, ranges and defaults, and its docstring what they mean (`signature`, `docstrings`).
Where an annotation names a type that has a table (`registry`), the file has a name, or a name with settings
(`setting`); other forms than that of the type are in `forms`. `reader` reads, `file` reads whole files, `overrides`
replaces values, `plain` writes out again and tells what changed. `code` is what users name of their own.
"""

from nas.settings.code import Code
from nas.settings.file import Draft, identity, read_file, resolved
from nas.settings.forms import (
    HIDDEN,
    IDENTITY,
    INLINE,
    Counted,
    ExistingFile,
    Form,
    Keyed,
    Labels,
    Named,
    OneOf,
    OneWord,
)
from nas.settings.overrides import Override
from nas.settings.plain import changes, flat, plain
from nas.settings.reader import Reader
from nas.settings.registry import Registry
from nas.settings.setting import Setting

__all__ = [
    "HIDDEN",
    "IDENTITY",
    "INLINE",
    "Code",
    "Counted",
    "Draft",
    "ExistingFile",
    "Form",
    "Keyed",
    "Labels",
    "Named",
    "OneOf",
    "OneWord",
    "Override",
    "Reader",
    "Registry",
    "Setting",
    "changes",
    "flat",
    "identity",
    "plain",
    "read_file",
    "resolved",
]
