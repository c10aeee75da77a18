"""Registries: names and factories of one kind of thing."""

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Registry(Mapping[str, Callable[..., T]], Generic[T]):
    """The controllers, data sets, evaluators or tables that a file can name, with their factories.

    For an argument or a field of the type `makes`, a file gives a name, or `{name: settings}`. Settings are the
    arguments of the factory, except those that a search supplies.

    Args:
        makes: the type of what the factories return.
        kind: the name of one entry, for messages.
        factories: the factories, by name.
        supplied: the arguments that a search supplies to every factory that has them; a file cannot give them.
        from_file: makes a thing from a file that is named in place of an entry; None: files cannot be named.
        of_path: the entry that the path of an existing file or folder stands for, as its setting `path`; None: paths
            stand for nothing.
        keys_at: those of the settings of `of_path` that suit a path, for errors; None: all do.
    """

    def __init__(
        self,
        makes: Any,
        kind: str,
        factories: Mapping[str, Callable[..., T]],
        *,
        supplied: tuple[str, ...] = (),
        from_file: Callable[[Path], T] | None = None,
        of_path: str | None = None,
        keys_at: Callable[[Path], Collection[str]] | None = None,
    ) -> None:
        self.makes = makes
        self.kind = kind
        self.supplied = supplied
        self.from_file = from_file
        self.of_path = of_path
        self.keys_at = keys_at
        self._factories = dict(factories)

    def __getitem__(self, name: str) -> Callable[..., T]:
        return self._factories[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._factories)

    def __len__(self) -> int:
        return len(self._factories)

    def extended(self, factories: Mapping[str, Callable[..., T]]) -> "Registry[T]":
        """A registry with further entries."""
        return Registry(
            self.makes,
            self.kind,
            {**self._factories, **factories},
            supplied=self.supplied,
            from_file=self.from_file,
            of_path=self.of_path,
            keys_at=self.keys_at,
        )
