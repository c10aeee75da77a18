"""Arguments of public functions and classes, checked as run files are: by the annotations of their signatures.

@checked
def search(controller: Controller, *, trials: Positive, seed: Seed = 0) -> Study: ...

search(controller, trials=2.5)   # UsageError: search: trials: expected a valid integer, got 2.5
"""

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import wraps
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
from pydantic import BeforeValidator, Field, PlainValidator, Strict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from nas.errors import UsageError, nearest

Positive = Annotated[int, Field(ge=1)]
NotNegative = Annotated[int, Field(ge=0)]
Seed = Annotated[int, Field(ge=0, le=2**63 - 1)]
Threads = Annotated[int, Field(ge=1, le=1024)]
"""Threads of torch; a hundred thousand end the process."""

T = TypeVar("T", bound=Callable[..., Any])

_CALLED = ("__call__", "__len__", "__iter__")
"""Special methods that protocols of ours ask for."""
_WORDS: Mapping[str, str] = {
    "greater_than_equal": "{ge} or more",
    "greater_than": "more than {gt}",
    "less_than_equal": "{le} or less",
    "less_than": "less than {lt}",
    "none_required": "nothing",
    "callable_type": "something that can be called",
    "path_type": "a path",
    "sequence_str": "several, as in a list",
    "mapping_type": "a mapping",
    "dict_type": "a mapping",
    "dataclass_type": "a mapping",
}


def checked(target: T) -> T:
    """A function, or a class and what it is made from, that raises UsageError for arguments which do not fit.

    The annotations say what fits: types, literals, and the ranges of `Annotated[int, Field(ge=1)]`. A list does for a
    tuple, a text for a path, and a scalar of NumPy for a number; `True` is no number and `2.0` no whole one. Each wrong
    argument is named, with what was expected and what came.
    """
    if isinstance(target, type):
        target.__init__ = _checked(target.__init__, target.__name__)  # type: ignore[misc]
        return target
    function: T = _checked(target, target.__name__)
    return function


def expectation(error: ErrorDetails) -> str:
    """What was expected, of an error of pydantic."""
    if error["type"] in _WORDS:
        bounds = {
            name: f"{bound:g}" if isinstance(bound, float) else bound for name, bound in error.get("ctx", {}).items()
        }
        return _WORDS[error["type"]].format(**bounds)
    return error["msg"].removeprefix("Input should be ")


def describe_value(value: object) -> str:
    """What came, in a few words, for an error message."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if value is None or isinstance(value, str | bytes | bool | int | float | np.generic):
        text = repr(value.item() if isinstance(value, np.generic) else value)
        return text if len(text) <= 60 else text[:60] + "…"
    if isinstance(value, dict | list | tuple | set):
        return f"a {type(value).__name__} of {len(value)}"
    return f"an object of the class {type(value).__name__}"


def _checked(function: Any, name: str) -> Any:
    arguments: _Arguments | None = None

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal arguments
        if arguments is None:  # the first call: a module may be loading while its functions are decorated
            arguments = _Arguments(function, name)
        bound = arguments.bind(args, kwargs)
        return function(*bound.args, **bound.kwargs)

    return call


class _Arguments:
    """The parameters of a function, and what checks each of them."""

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self.name = name
        self.signature = inspect.signature(function)
        hints = get_type_hints(function, include_extras=True)
        single = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        self.adapters = {
            key: TypeAdapter[Any](fitting)
            for key, parameter in self.signature.parameters.items()
            if key in hints and parameter.kind not in single and (fitting := _fitting(hints[key])) is not Any
        }

    def bind(self, args: Collection[Any], kwargs: Mapping[str, Any]) -> inspect.BoundArguments:
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            known = [name for name in self.signature.parameters if name != "self"]
            guesses = [nearest(name, known) for name in kwargs if name not in known]
            hint = "".join(f" (did you mean {guess!r}?)" for guess in guesses[:1] if guess)
            raise UsageError(f"{self.name}: {error}{hint}") from None
        wrong: list[str] = []
        for key, value in bound.arguments.items():
            if (adapter := self.adapters.get(key)) is None:
                continue
            try:
                bound.arguments[key] = adapter.validate_python(value)
            except ValidationError as error:
                wrong += _told(key, value, error.errors(include_url=False))
        if wrong:
            raise UsageError(f"{self.name}: {'; '.join(wrong)}")
        return bound


def _told(key: str, value: object, errors: Iterable[ErrorDetails]) -> Iterator[str]:
    """What is wrong with one argument. What each member of a union expects is told in one."""
    places: dict[tuple[int | str, ...], list[ErrorDetails]] = {}
    for error in errors:
        steps = []
        inner: Any = value
        for step in error["loc"]:  # names of the members of unions stand among the steps into the value
            try:
                inner = inner[step]
            except (TypeError, LookupError):
                continue
            steps.append(step)
        places.setdefault(tuple(steps), []).append(error)
    deepest = max(map(len, places))
    for place, found in places.items():
        if len(place) == deepest:
            expected = " or ".join(dict.fromkeys(map(expectation, found)))
            where = "".join(f"[{step!r}]" for step in place)
            yield f"{key}{where}: expected {expected}, got {describe_value(found[0]['input'])}"


def _fitting(hint: Any) -> Any:
    """A type for pydantic that is strict with plain values and lenient with containers."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in (int, float):
        return Annotated[hint, Strict(), BeforeValidator(_plain)]
    if hint in (str, bool, bytes):
        return Annotated[hint, Strict()]
    if hint in (None, NoneType, Path) or origin is Literal:
        return hint
    if origin is Annotated:
        return Annotated[(_fitting(arguments[0]), *hint.__metadata__)]
    if origin in (Union, UnionType):
        members = tuple(map(_fitting, arguments))
        return Any if Any in members else Union[members]  # noqa: UP007  they are known at run time alone
    if origin is Callable or hint is Callable:
        return Callable
    if origin in (Iterable, Iterator, Collection):
        return Annotated[Any, PlainValidator(_Items(arguments[0]).check)]
    if isinstance(origin, type) and issubclass(origin, tuple | list | set | frozenset | Collection):
        generic: Any = origin
        return generic[tuple(one if one is ... else _fitting(one) for one in arguments)]
    kind = origin or hint
    if isinstance(kind, type) and kind not in (object, Any):
        protocol = getattr(kind, "_is_protocol", False)
        return Annotated[Any, PlainValidator(_Methods(kind).check if protocol else _Instance(kind).check)]
    return Any


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value


class _Items:
    """Checks each item of anything that can be gone through; an iterator, which cannot be twice, becomes a tuple."""

    def __init__(self, hint: Any) -> None:
        items: Any = tuple[_fitting(hint), ...]  # type: ignore[misc]
        self.items: TypeAdapter[Any] = TypeAdapter(items)

    def check(self, value: Any) -> Any:
        if isinstance(value, str | bytes | type) or not hasattr(value, "__iter__"):
            raise PydanticCustomError("items", "several, as in a list")
        items = tuple(value)
        self.items.validate_python(items)
        return items if isinstance(value, Iterator) else value


class _Instance:
    """Checks that a value is of a class."""

    def __init__(self, kind: type) -> None:
        self.kind = kind

    def check(self, value: Any) -> Any:
        if not isinstance(value, self.kind):
            raise PydanticCustomError("instance", "an object of the class {name}", {"name": self.kind.__name__})
        return value


class _Methods:
    """Checks that a value has the methods of a protocol, and is no class that has yet to be made into an object."""

    def __init__(self, protocol: type) -> None:
        self.name = protocol.__name__
        self.members = [
            name
            for base in protocol.__mro__
            if getattr(base, "_is_protocol", False) and base is not Protocol
            for name, member in vars(base).items()
            if (name in _CALLED or not name.startswith("_")) and callable(member)
        ]

    def check(self, value: Any) -> Any:
        if isinstance(value, type) or not all(callable(getattr(value, name, None)) for name in self.members):
            members = {"name": self.name, "members": ", ".join(self.members)}
            raise PydanticCustomError("protocol", "an object with the methods of {name} ({members})", members)
        return value
