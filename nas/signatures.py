"""Signatures as `help` shows them: without the modules of types and without the ranges that annotations state."""

import inspect
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin


class _Readable:
    """An annotation as `help` shows it: names without modules, types without their ranges."""

    def __init__(self, hint: Any) -> None:
        self.hint = hint

    def __repr__(self) -> str:
        return _name(self.hint)


def readable(signature: inspect.Signature) -> inspect.Signature:
    """The signature with annotations as they are written in source code."""
    empty = inspect.Signature.empty
    parameters = [
        one if one.annotation is empty else one.replace(annotation=_Readable(one.annotation))
        for one in signature.parameters.values()
    ]
    result = signature.return_annotation
    return signature.replace(parameters=parameters, return_annotation=empty if result is empty else _Readable(result))


def _name(hint: Any) -> str:
    """A type as it is written in source code."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is None or hint is NoneType:
        return "None"
    if hint is ...:
        return "..."
    if origin is Annotated:
        return _name(arguments[0])
    if origin in (Union, UnionType):
        return " | ".join(map(_name, arguments))
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if isinstance(hint, list):  # the parameters of a Callable
        return f"[{', '.join(map(_name, hint))}]"
    if origin is not None:
        return f"{_name(origin)}[{', '.join(map(_name, arguments))}]"
    return hint if isinstance(hint, str) else getattr(hint, "__name__", repr(hint).removeprefix("typing."))
