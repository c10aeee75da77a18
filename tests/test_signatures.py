"""Signatures are readable as they are written."""

import inspect
import pydoc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

import nas
from nas.signatures import readable


def mixed(  # type: ignore[no-untyped-def]
    count: Annotated[int, Field(ge=1)],
    where: str | Path | None = None,
    *parts: tuple[int, ...],
    how: Literal["a", "b"] = "a",
    do: Callable[[int, Mapping[str, float]], None] | None = None,
    some: Callable[..., Any] = print,
    many: "Sequence[int]" = (),
    bare=None,
) -> list[Any]:
    return []


def test_a_signature_is_what_is_written() -> None:
    assert str(readable(inspect.signature(mixed))).replace("<built-in function print>", "print") == (
        "(count: int, where: str | Path | None = None, *parts: tuple[int, ...], how: Literal['a', 'b'] = 'a', "
        "do: Callable[[int, Mapping[str, float]], None] | None = None, some: Callable[..., Any] = print, "
        "many: Sequence[int] = (), bare=None) -> list[Any]"
    )
    assert str(readable(inspect.signature(lambda: None))) == "()"


CHECKED = [
    name for name in dir(nas) if hasattr(one := getattr(nas, name), "is_checked") or hasattr(one.__init__, "is_checked")
]


@pytest.mark.parametrize("name", CHECKED)
def test_help_is_readable(name: str) -> None:
    target = getattr(nas, name)
    signature = inspect.signature(target)
    bare = [one.replace(default=inspect.Parameter.empty) for one in signature.parameters.values()]
    kinds = str(inspect.Signature(bare, return_annotation=signature.return_annotation))
    assert not [word for word in ("FieldInfo", "Annotated", "typing.", "collections.", "nas.") if word in kinds], kinds
    assert kinds.partition(" -> ")[2] in pydoc.plain(pydoc.render_doc(target)), "help takes it"
