"""Validation of the arguments of public functions and classes by their annotations, as in run files.

@checked
def search(controller: Controller, *, trials: Positive, seed: Seed = 0) -> Study: ...

search(controller, trials=2.5)   # ArgumentError: search: trials: expected a valid integer, got 2.5
"""

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import wraps
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NoReturn, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
from pydantic import Field, GetPydanticSchema, PlainValidator, Strict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError, SchemaValidator, core_schema

from nas.errors import ArgumentError, nearest
from nas.signatures import readable

Positive = Annotated[int, Field(ge=1)]
NotNegative = Annotated[int, Field(ge=0)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegativeFloat = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Chance = Annotated[float, Field(gt=0, lt=1)]
"""A probability of what may happen, and may not."""
Decay = Annotated[float, Field(ge=0, lt=1)]
"""The decay of an exponential moving average: the weight of the previous value."""
Seed = Annotated[int, Field(ge=0, le=2**63 - 1)]
Threads = Annotated[int, Field(ge=1, le=1024)]
"""Threads of torch; 100,000 would crash the process."""

T = TypeVar("T", bound=Callable[..., Any])

_CALLED = ("__call__", "__len__", "__iter__")
"""Special methods that the protocols of this package require."""
_WORDS: Mapping[str, str] = {
    "greater_than_equal": "{ge} or more",
    "greater_than": "more than {gt}",
    "less_than_equal": "{le} or less",
    "less_than": "less than {lt}",
    "finite_number": "a finite number",
    "none_required": "nothing",
    "callable_type": "something that can be called",
    "path_type": "a path",
    "sequence_str": "several, as in a list",
    "mapping_type": "a mapping",
    "dict_type": "a mapping",
    "dataclass_type": "a mapping",
}


def checked(target: T) -> T:
    """Makes a function, or the constructor of a class, raise ArgumentError for arguments that do not fit.

    Annotations define what fits: types, literals, and ranges such as `Annotated[int, Field(ge=1)]`. A list is accepted
    for a tuple, a string for a path, and a NumPy scalar for a number; `True` is not a number, and `2.0` not an integer.
    The error names each wrong argument, with the expected and the given value.
    """
    if isinstance(target, type):
        if not hasattr(target.__init__, "is_checked"):  # type: ignore[misc]
            target.__init__ = _checked(target.__init__, target.__name__)  # type: ignore[misc]
        return target
    function: T = _checked(target, target.__name__)
    return function


def expectation(error: ErrorDetails) -> str:
    """What was expected, according to an error of pydantic."""
    if error["type"] in _WORDS:
        bounds = {
            name: f"{bound:g}" if isinstance(bound, float) else bound for name, bound in error.get("ctx", {}).items()
        }
        return _WORDS[error["type"]].format(**bounds)
    return error["msg"].removeprefix("Input should be ")


def expectations(values: Any, errors: Iterable[ErrorDetails]) -> Mapping[tuple[int | str, ...], str]:
    """What was expected at each place within plain data, according to errors of pydantic.

    The expectations of the members of a union are joined. Where a member was wrong inside, others are left out.
    """
    places: dict[tuple[int | str, ...], list[ErrorDetails]] = {}
    for error in errors:
        steps: list[int | str] = []
        inner = values
        for step in error["loc"]:  # which also contains the names of union members
            try:
                inner = inner[step]
            except (TypeError, LookupError):
                continue
            steps.append(step)
        places.setdefault(tuple(steps), []).append(error)
    deepest = [place for place in places if not any(place == other[: len(place)] != other for other in places)]
    return {place: " or ".join(dict.fromkeys(map(expectation, places[place]))) for place in deepest}


def misfit(value: object, type_: Any) -> str:
    """What is expected of values of a type, if this value does not fit; else empty."""
    try:
        TypeAdapter(_fitting(type_)).validate_python(value)
    except ValidationError as error:
        return " or ".join(dict.fromkeys(map(expectation, error.errors(include_url=False))))
    return ""


def describe_value(value: object) -> str:
    """A short description of a value, for error messages."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if value is None or isinstance(value, str | bytes | bool | int | float | np.generic):
        text = repr(value.item() if isinstance(value, np.generic) else value)
        return text if len(text) <= 60 else text[:60] + "…"
    if isinstance(value, dict | list | tuple | set):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, np.ndarray):
        return f"an array of the shape {value.shape}"
    return f"an object of the class {type(value).__name__}"


def _checked(function: Any, name: str) -> Any:
    arguments: _Arguments | None = None

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal arguments
        if arguments is None:  # the first call: a module may be loading while its functions are decorated
            arguments = _Arguments(function, name)
        return function(**arguments.check(args, kwargs))

    call.is_checked = True  # type: ignore[attr-defined]
    call.__signature__ = readable(inspect.signature(function))  # type: ignore[attr-defined]
    return call


class _Arguments:
    """The parameters of a function, and their validator."""

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self.name = name
        self.signature = inspect.signature(function)
        hints = get_type_hints(function, include_extras=True)
        parameters = self.signature.parameters.values()
        self.named = [one.name for one in parameters if one.kind is not inspect.Parameter.VAR_KEYWORD]
        self.open = len(self.named) < len(parameters)
        self.placed = [one.name for one in parameters if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
        self.required = {
            name for name in self.named if self.signature.parameters[name].default is inspect.Parameter.empty
        }
        types = {name: _fitting(hints[name]) for name in self.named if name in hints}
        self.checked = [name for name, one in types.items() if one is not Any]
        fields = {name: TypeAdapter[Any](types[name]).core_schema for name in self.checked}
        self.validator = SchemaValidator(
            core_schema.typed_dict_schema(
                {name: core_schema.typed_dict_field(schema, required=False) for name, schema in fields.items()},
                extra_behavior="allow",
            )
        )

    def check(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
        """The arguments by name, with which the function is called."""
        values = {**dict(zip(self.placed, args, strict=False)), **kwargs}
        count = len(args) + len(kwargs)
        if (
            len(values) < count
            or not self.required <= values.keys()
            or not (self.open or values.keys() <= {*self.named})
        ):
            self.refuse(args, kwargs)
        for name, value in values.items():
            if isinstance(value, np.generic) and name in self.checked:
                values[name] = value.item()
        try:
            fitting = self.validator.validate_python(values)
        except ValidationError as error:
            raise ArgumentError(f"{self.name}: {'; '.join(_told(values, error.errors(include_url=False)))}") from None
        # Values are passed on unchanged (integers for floats, too), except that lists and iterators become tuples, and
        # strings paths, if that is what the annotation asks for.
        for name, value in fitting.items():
            if isinstance(value, tuple | Path) and type(value) is not type(values[name]):
                values[name] = value
        return values

    def refuse(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> NoReturn:
        """Raises ArgumentError for arguments that are missing, too many or unknown."""
        known = [name for name in self.named if name != "self"]
        guesses = [nearest(name, known) for name in kwargs if name not in known]
        hint = "".join(f" (did you mean {guess!r}?)" for guess in guesses[:1] if guess)
        try:
            self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise ArgumentError(f"{self.name}: {error}{hint}") from None
        raise AssertionError(f"{self.name} takes {args} and {kwargs}")


def _told(values: Mapping[str, Any], errors: Iterable[ErrorDetails]) -> Iterator[str]:
    """The problem of each argument."""
    for place, expected in expectations(values, errors).items():
        name, *inside = place
        value: Any = values
        for step in place:
            value = value[step]
        where = "".join(f"[{step!r}]" for step in inside)
        yield f"{name}{where}: expected {expected}, got {describe_value(value)}"


def _fitting(hint: Any) -> Any:
    """A type for pydantic that is strict with plain values and lenient with containers."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in (int, float, str, bool, bytes):
        return Annotated[hint, Strict()]
    if hint in (None, NoneType, Path) or origin is Literal:
        return hint
    if origin is Annotated:
        return Annotated[(_fitting(arguments[0]), *hint.__metadata__)]
    if origin in (Union, UnionType):
        members = tuple(map(_fitting, arguments))
        return Any if Any in members else Union[members]  # noqa: UP007  known only at run time
    if origin is Callable or hint is Callable:
        return Callable
    if origin in (Iterable, Iterator, Collection):
        return Annotated[Any, PlainValidator(_Items(arguments[0]).check)]
    if isinstance(origin, type) and origin.__module__ in ("builtins", "collections.abc") and origin is not type:
        generic: Any = origin
        return generic[tuple(one if one is ... else _fitting(one) for one in arguments)]
    kind = origin or hint
    if isinstance(kind, type) and kind not in (object, Any):
        if getattr(kind, "_is_protocol", False):
            return Annotated[Any, PlainValidator(_Methods(kind).check)]
        instance = core_schema.is_instance_schema(kind)
        return Annotated[Any, GetPydanticSchema(lambda _source, _handler: instance)]
    return Any


class _Items:
    """Checks each item of an iterable; an iterator, which cannot be iterated twice, becomes a tuple."""

    def __init__(self, hint: Any) -> None:
        items: Any = tuple[_fitting(hint), ...]  # type: ignore[misc]
        self.items: TypeAdapter[Any] = TypeAdapter(items)

    def check(self, value: Any) -> Any:
        if isinstance(value, str | bytes | type) or not hasattr(value, "__iter__"):
            raise PydanticCustomError("items", "several, as in a list")
        items = tuple(value)
        self.items.validate_python(items)
        return items if isinstance(value, Iterator) else value


class _Methods:
    """Checks that a value has the members of a protocol, and is not a class instead of an instance."""

    def __init__(self, protocol: type) -> None:
        self.name = protocol.__name__
        self.members = [
            name
            for base in protocol.__mro__
            if getattr(base, "_is_protocol", False) and base is not Protocol
            for name, member in vars(base).items()
            if (name in _CALLED or not name.startswith("_")) and (callable(member) or isinstance(member, property))
        ]

    def check(self, value: Any) -> Any:
        if isinstance(value, type) or not all(hasattr(value, name) for name in self.members):
            words = {"name": self.name, "members": ", ".join(self.members)}
            raise PydanticCustomError("protocol", "an object with the members of {name} ({members})", words)
        return value
