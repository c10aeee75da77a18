"""A name from a table, with arguments."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from nas.arguments import describe_value, misfit
from nas.errors import Mark, Problem, SpecError, UsageError
from nas.settings.code import Code, told
from nas.settings.registry import Registry
from nas.settings.signature import gathered, keys_of

T = TypeVar("T")


@dataclass(frozen=True)
class Setting(Generic[T]):
    """What a file names, with the settings that it gives.

    Attributes:
        name: in its registry; of code of the user's own, `mine.py:HillClimbing`.
        arguments: what was given, by key; where an argument is itself such a thing, a Setting or a tuple of them.
        full: the same with the defaults.
        maker: the factory, or the code of the user's own that is one.
        mark: its place.
        makes: the type of the thing.
    """

    name: str
    arguments: Mapping[str, Any]
    full: Mapping[str, Any] = field(repr=False)
    maker: Callable[..., T] | Code = field(compare=False, repr=False)
    mark: Mark = field(default=Mark(""), compare=False, repr=False)
    makes: Any = field(default=Any, compare=False, repr=False)

    @classmethod
    def of(cls, registry: Registry[T], name: str) -> "Setting[T]":
        """An entry of a registry with its defaults."""
        keys = keys_of(registry[name], registry.supplied).values()
        return cls(name, {}, {key.name: key.default for key in keys}, registry[name], makes=registry.makes)

    @property
    def factory(self) -> Callable[..., T]:
        """What makes the thing. Raises UsageError for code that may not be imported."""
        return self.maker.load() if isinstance(self.maker, Code) else self.maker

    def codes(self) -> Sequence[Code]:
        """The code of the user's own that is named here or inside."""
        return [one.maker for one in self.walk() if isinstance(one.maker, Code)]

    def walk(self) -> Iterator["Setting[Any]"]:
        """This setting and all those inside."""
        yield self
        for value in self.full.values():
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, Setting):
                    yield from one.walk()

    def make(self, supplied: Mapping[str, Any], path: str) -> T:
        """The thing.

        Args:
            supplied: what a search gives to every factory that takes an argument of the name, at any depth.
            path: the key that this setting stands under, for errors.

        Raises:
            SpecError: an inner setting is invalid; all problems are listed.
            UsageError: this one is; or code of the user's own makes something else.
        """
        problems: list[Problem] = []

        def make(one: Setting[Any], where: str) -> Any:
            try:
                return one.make(supplied, where)
            except SpecError as error:
                problems.extend(error.problems)
            except UsageError as error:
                problems.append(Problem(one.mark, f"{where}.{one.name}", str(error)))
            return None

        factory = self.factory
        arguments = {name: _each(value, make, f"{path}.{self.name}.{name}") for name, value in self.arguments.items()}
        if problems:
            raise SpecError(problems)
        arguments = {**self.taken(supplied), **gathered(factory, arguments)}
        if not isinstance(self.maker, Code):
            return factory(**arguments)
        with told(f"{self.maker.path or self.name} failed", self.maker.path):
            made = factory(**arguments)
        if expected := misfit(made, self.makes):
            raise UsageError(f"expected {expected}, got {describe_value(made)}")
        return made

    def taken(self, supplied: Mapping[str, Any]) -> dict[str, Any]:
        """What the factory takes of `supplied`, not counting those inside."""
        parameters = inspect.signature(self.factory).parameters
        return {name: value for name, value in supplied.items() if name in parameters}

    def lacking(self, names: tuple[str, ...], supplied: Mapping[str, Any]) -> Iterator[tuple["Setting[Any]", str]]:
        """Which of some arguments are needed by this setting, or by one inside, and are not supplied."""
        for one in self.walk():
            for name, parameter in inspect.signature(one.factory).parameters.items():
                if name in names and parameter.default is inspect.Parameter.empty and name not in supplied:
                    yield one, name


def _each(value: Any, do: Callable[[Setting[Any], str], Any], path: str) -> Any:
    """What `do` makes of the settings that an argument consists of and of their paths; other arguments as they are."""
    if isinstance(value, Setting):
        return do(value, path)
    if isinstance(value, tuple) and any(isinstance(one, Setting) for one in value):
        return tuple(do(one, f"{path}.{index}") for index, one in enumerate(value))
    return value
