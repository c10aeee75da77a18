"""A name from a registry, with arguments."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from nas.arguments import describe_value, misfit
from nas.errors import Diagnostic, Mark, SpecError, UsageError
from nas.marks import IDENTITY_IF_SET
from nas.settings.code import Code, told
from nas.settings.registry import Registry
from nas.settings.signature import defaults_of, gathered, keys_of

T = TypeVar("T")


@dataclass(frozen=True)
class Setting(Generic[T]):
    """A thing that a file names, with its settings.

    Attributes:
        name: its name in the registry, or that of the user's own code, such as `mine.py:HillClimbing`.
        arguments: the settings in the file, by key. A setting that is such a thing itself is a Setting, or a tuple of
            them.
        full: the same with the defaults.
        maker: the factory, or the user's own code.
        mark: its place in the file.
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
        return cls(name, {}, defaults_of(registry[name], registry.supplied), registry[name], makes=registry.makes)

    @property
    def identifying(self) -> Mapping[str, Any]:
        """The settings in the identity of a run: `full`, without those that are IDENTITY_IF_SET and have defaults."""
        if isinstance(self.maker, Code):
            return self.full
        keys = keys_of(self.maker)
        unset = {name for name, key in keys.items() if IDENTITY_IF_SET in key.metadata}
        return {name: value for name, value in self.full.items() if name not in unset or value != keys[name].default}

    @property
    def factory(self) -> Callable[..., T]:
        """The factory. Raises UsageError for code that may not be imported."""
        return self.maker.load() if isinstance(self.maker, Code) else self.maker

    def codes(self) -> Sequence[Code]:
        """The user's own code that this setting or an inner one names."""
        return [one.maker for one in self.walk() if isinstance(one.maker, Code)]

    def walk(self) -> Iterator["Setting[Any]"]:
        """This setting and all inner ones."""
        yield self
        for value in self.full.values():
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, Setting):
                    yield from one.walk()

    def make(self, supplied: Mapping[str, Any], path: str) -> T:
        """Makes the thing.

        Args:
            supplied: arguments for every factory that has them, at any depth, by name.
            path: the key of this setting, for errors.

        Raises:
            SpecError: inner settings are invalid; all problems are reported.
            UsageError: this setting is invalid, or the user's own code makes something else or fails.
        """
        problems: list[Diagnostic] = []

        def make(one: Setting[Any], where: str) -> Any:
            try:
                return one.make(supplied, where)
            except SpecError as error:
                problems.extend(error.problems)
            except UsageError as error:
                problems.append(Diagnostic(one.mark, f"{where}.{one.name}", str(error)))
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
        """The supplied arguments that the factory has; those of inner settings are not included."""
        parameters = inspect.signature(self.factory).parameters
        return {name: value for name, value in supplied.items() if name in parameters}

    def lacking(self, names: tuple[str, ...], supplied: Mapping[str, Any]) -> Iterator[tuple["Setting[Any]", str]]:
        """The required arguments among `names` that are not supplied, of this setting and of inner ones."""
        for one in self.walk():
            for name, parameter in inspect.signature(one.factory).parameters.items():
                if name in names and parameter.default is inspect.Parameter.empty and name not in supplied:
                    yield one, name


def _each(value: Any, do: Callable[[Setting[Any], str], Any], path: str) -> Any:
    """An argument with each setting in it replaced by the result of `do`, which is given the setting and its path."""
    if isinstance(value, Setting):
        return do(value, path)
    if isinstance(value, tuple) and any(isinstance(one, Setting) for one in value):
        return tuple(do(one, f"{path}.{index}") for index, one in enumerate(value))
    return value
