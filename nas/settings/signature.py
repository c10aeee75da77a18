"""The keys of a mapping in a file: the arguments of a function, or the fields of a dataclass."""

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from functools import partial
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from nas.document import Places
from nas.marks import INLINE, Presets
from nas.settings.docstrings import entries

REQUIRED: Any = inspect.Parameter.empty
"""The default of a required key."""


ABSENT: Any = object()
"""The default of a key that has no value unless one is given."""


@dataclass(frozen=True)
class Key:
    """One key of a mapping.

    Attributes:
        name: the key.
        type: its annotation, or Any.
        default: its value if a file does not have it, or `REQUIRED`, or `ABSENT`.
        about: its description in the docstring.
        inside: the argument whose record has it as a field, if that record is `INLINE`.
    """

    name: str
    type: Any
    default: Any
    about: str
    inside: str = ""

    @property
    def metadata(self) -> tuple[Any, ...]:
        """The metadata of the annotation."""
        return unannotated(self.type)[1]


@dataclass(frozen=True, eq=False)
class Further:
    """In the annotation of `**settings`: the keys that these can be.

    Attributes:
        keys: their defaults do not count: a setting that is not given is not among `settings`.
    """

    keys: tuple[Key, ...]


def keys_of(target: Callable[..., Any], without: Collection[str] = ()) -> Mapping[str, Key]:
    """The keys of a function or a dataclass, except those in `without`. Raises NameError for a broken annotation."""
    parameters = inspect.signature(target).parameters.values()
    hints = hints_of(target)
    about = entries(target.func if isinstance(target, partial) else target)
    defaults = _factory_defaults(target)
    found: dict[str, Key] = {}
    for one in parameters:
        hint = hints.get(one.name, Any)
        if one.kind is one.VAR_KEYWORD:
            further = [key for word in unannotated(hint)[1] if isinstance(word, Further) for key in word.keys]
            found |= {key.name: replace(key, default=ABSENT, inside="") for key in further if key.name not in without}
        if one.name in without or hint is Places or one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
            continue
        default = defaults.get(one.name, one.default)
        if INLINE in unannotated(hint)[1]:
            if presets := _presets(hint):
                found[one.name] = Key(one.name, Literal[tuple(presets.records)], ABSENT, presets.about)
            for key in keys_of(record_of(hint)).values():
                own = key.default if default in (None, REQUIRED) else getattr(default, key.name)
                found[key.name] = replace(key, default=own, inside=one.name)
        else:
            found[one.name] = Key(one.name, hint, default, about.get(one.name, ""))
    return found


def defaults_of(target: Callable[..., Any], without: Collection[str] = ()) -> dict[str, Any]:
    """The value of each key that has one without a file. A required key has `REQUIRED`."""
    return {key.name: key.default for key in keys_of(target, without).values() if key.default is not ABSENT}


def spelled_out(target: Callable[..., Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by their keys, with the values of `Presets` in the place of their names."""
    hints = hints_of(target)
    found = dict(values)
    for name in values:
        if presets := _presets(hints.get(name, Any)):
            record = presets.records[found.pop(name)]
            found = {**{one.name: getattr(record, one.name) for one in fields(record)}, **found}
    return found


def gathered(target: Callable[..., Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by their keys as arguments: the fields of an inline record become the record."""
    keys, hints = keys_of(target), hints_of(target)
    arguments: dict[str, Any] = {}
    inside: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        holder = keys[name].inside
        (inside.setdefault(holder, {}) if holder else arguments)[name] = value
    for holder, given in inside.items():
        defaults = {key.name: key.default for key in keys.values() if key.inside == holder}
        arguments[holder] = record_of(hints[holder])(**{**defaults, **given})
    return arguments


def hints_of(target: Callable[..., Any]) -> Mapping[str, Any]:
    """The annotations of the arguments of a function, or of a class."""
    plainly = target.func if isinstance(target, partial) else target
    if inspect.isclass(plainly):
        return get_type_hints(plainly.__init__, include_extras=True)
    if not inspect.isroutine(plainly):  # a callable object
        plainly = type(plainly).__call__
    return get_type_hints(plainly, include_extras=True)


def unannotated(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type, and the metadata of `Annotated`."""
    if get_origin(hint) is Annotated:
        inner, *metadata = get_args(hint)
        return inner, tuple(metadata)
    return hint, ()


def members_of(hint: Any) -> tuple[Any, ...]:
    """The types of a union without None; for any other type, the type itself."""
    type_ = unannotated(hint)[0]
    if get_origin(type_) in (Union, UnionType):
        return tuple(one for one in get_args(type_) if one is not NoneType)
    return (type_,)


def is_optional(hint: Any) -> bool:
    """Whether None is among the types of a union."""
    return NoneType in get_args(unannotated(hint)[0])


def record_of(hint: Any) -> Any:
    """The dataclass in an annotation that may also be None."""
    return unannotated(members_of(hint)[0])[0]


def _presets(hint: Any) -> Presets | None:
    """The presets in an annotation."""
    return next((one for one in unannotated(hint)[1] if isinstance(one, Presets)), None)


def _factory_defaults(target: Any) -> Mapping[str, Any]:
    """The defaults that a dataclass makes for each object, which its signature does not show."""
    if not (inspect.isclass(target) and is_dataclass(target)):
        return {}
    return {one.name: one.default_factory() for one in fields(target) if one.default_factory is not MISSING}
