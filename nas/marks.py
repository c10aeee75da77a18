"""Properties of keys, in the metadata of their annotations: what a file, or the identity of a run, makes of a field.

flip: Annotated[bool, IDENTITY_IF_SET] = False
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Says:
    """A property of a key."""

    about: str


class Content(ABC):
    """A value whose content is in the identity of a run, and not the words by which a file names it.

    It is no protocol: before Python 3.12, to ask whether a value follows one reads its properties, and with them files
    that may be gone.
    """

    @property
    @abstractmethod
    def sha256(self) -> str:
        """64 hexadecimal digits that follow from the content."""

    @property
    @abstractmethod
    def written(self) -> str:
        """The words in a file."""


INLINE = Says("the fields of this record are keys of the surrounding mapping")
IDENTITY = Says("a value that must not change between the start of a run and its resumption")
IDENTITY_IF_SET = Says("as IDENTITY, unless it has its default: so that a new key changes no run that lacks it")
HIDDEN = Says("a key that users do not write")


@dataclass(frozen=True)
class Presets:
    """Records by name, for an `INLINE` one: a further key, with the name of its argument, takes such a name for the
    values of the others. Keys beside it replace its values.

    Attributes:
        records: all of them.
        about: the description of the key.
    """

    records: Mapping[str, Any]
    about: str
