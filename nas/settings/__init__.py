"""Files as typed declarations, and settings: a name from a registry with arguments.

A mapping in a file is the arguments of a frozen dataclass or a function. The signature defines the keys, their types,
ranges and defaults; the docstring describes them (`signature`, `docstrings`). For an argument whose type has a registry
(`registry`), a file gives a name, or a name with settings (`setting`). `forms` are other ways to write a value.
`reader` reads values, `file` reads whole files, `overrides` replaces values, `plain` writes them and lists changes.
`code` is the user's own code that a file names.
"""

from nas.marks import HIDDEN, IDENTITY, IDENTITY_IF_SET, INLINE
from nas.settings.code import Code
from nas.settings.file import Draft, identity, read_file, resolved
from nas.settings.forms import (
    Counted,
    ExistingFile,
    Form,
    Keyed,
    Labels,
    Named,
    OneOf,
    OneWord,
    Tagged,
)
from nas.settings.overrides import Override
from nas.settings.plain import changes, flat, plain
from nas.settings.reader import Reader
from nas.settings.registry import Registry
from nas.settings.setting import Setting

__all__ = [
    "HIDDEN",
    "IDENTITY",
    "IDENTITY_IF_SET",
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
    "Tagged",
    "changes",
    "flat",
    "identity",
    "plain",
    "read_file",
    "resolved",
]
