"""Tables of classes by their names in run files and space files."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

T = TypeVar("T", bound=type[Any])


def by_name(classes: Iterable[T]) -> Mapping[str, T]:
    """Classes by their attribute `name`, sorted by it; classes without a name are omitted.

    Raises:
        ValueError: two classes have the same name.
    """
    found: dict[str, T] = {}
    for cls in classes:
        name = getattr(cls, "name", None)
        if not isinstance(name, str):
            continue
        if name in found:
            raise ValueError(f"{name!r} names two classes: {found[name].__name__} and {cls.__name__}")
        found[name] = cls
    return MappingProxyType(dict(sorted(found.items())))
