"""A table of what can be named of one kind."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Registry(Mapping[str, Callable[..., T]], Generic[T]):
    """Names to factories: what a file may name where it says which controller, which data set or which evaluator.

    An argument or a field that is annotated with the type `makes` is given in a file as one of the names, or as
    `{name: settings}`. Settings are the arguments of the factory, but for those that a search supplies.

    Args:
        makes: the type of what the factories return.
        kind: what one is called, for messages.
        factories: the table.
        supplied: names of arguments that a search gives to each factory that takes them; no file may.
        from_file: makes one from a file that is named in place of an entry; None: no file can be.
    """

    def __init__(
        self,
        makes: Any,
        kind: str,
        factories: Mapping[str, Callable[..., T]],
        *,
        supplied: tuple[str, ...] = (),
        from_file: Callable[[Path], T] | None = None,
    ) -> None:
        self.makes = makes
        self.kind = kind
        self.supplied = supplied
        self.from_file = from_file
        self._factories = dict(factories)

    def __getitem__(self, name: str) -> Callable[..., T]:
        return self._factories[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._factories)

    def __len__(self) -> int:
        return len(self._factories)

    def extended(self, factories: Mapping[str, Callable[..., T]]) -> "Registry[T]":
        """The same with more entries."""
        return Registry(
            self.makes,
            self.kind,
            {**self._factories, **factories},
            supplied=self.supplied,
            from_file=self.from_file,
        )
