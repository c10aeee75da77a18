"""The source of modules that PyTorch does not have: whole, in order, without what only we need."""

import math
import types

import pytest
import torch
import torch.nn.functional as F  # noqa: N812  as in the files that are written
from torch import Tensor, nn

from nas.errors import UsageError
from nas.model.copied import arguments_of, class_sources

FACTOR = 2.0


class _Base(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        """The sum that `_Derived` is about."""
        return x + self.shift(x)

    def shift(self, x: Tensor) -> Tensor:
        return torch.ones_like(x)


class _Derived(_Base):
    """Uses a class in each of the ways that there are."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.inner = self.made()

    @property
    def arguments(self) -> dict[str, object]:
        return {"width": self.width}

    def made(self) -> "_Inner | None":
        return _Inner() if self.width else None

    def shift(self, x: Tensor) -> Tensor:
        width = min(self.width, len([y for y in x]))  # noqa: C416  a scope in a scope
        return F.relu(x) * width


class _Inner(nn.Module):
    arguments: dict[str, object]

    def __init__(self) -> None:
        super().__init__()
        self.arguments = {}
        self.outer: _Derived | None = None

    def forward(self, x: Tensor) -> Tensor:
        return x


class _UsesMath(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * math.pi


class _UsesAConstant(nn.Module):
    def __init__(self, factor: float = FACTOR) -> None:
        super().__init__()
        self.factor = factor


class _UsesAType(nn.Module):
    def forward(self, x: types.SimpleNamespace) -> Tensor:
        y: Tensor = x.value
        return y


class _UsesAUsersModule(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = _UsesMath()


class Model(nn.Module):
    """Of a name that the file has already."""


def _first_lines(sources: list[str]) -> list[str]:
    return [source.partition("\n")[0] for source in sources]


def test_classes_come_after_those_that_they_use() -> None:
    sources = class_sources(nn.Sequential(_Derived(0), nn.ReLU(), _Derived(3), _Base()))
    expected = ["class _Base(nn.Module):", "class _Inner(nn.Module):", "class _Derived(_Base):"]
    assert _first_lines(sources) == expected


def test_nested_modules_are_found() -> None:
    network = nn.Sequential(nn.Sequential(nn.ModuleList([_Base()])))
    assert _first_lines(class_sources(network)) == ["class _Base(nn.Module):"]
    assert class_sources(nn.Sequential(nn.ReLU())) == []


def test_arguments_are_left_out_and_all_else_is_as_it_stands() -> None:
    _, inner, derived = class_sources(nn.Sequential(_Derived(1)))
    assert "arguments" not in inner + derived
    assert inner == (
        "class _Inner(nn.Module):\n\n"
        "    def __init__(self) -> None:\n"
        "        super().__init__()\n"
        "        self.outer: _Derived | None = None\n\n"
        "    def forward(self, x: Tensor) -> Tensor:\n"
        "        return x"
    )
    assert "        self.inner = self.made()\n\n    def made(self)" in derived


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (_UsesMath(), "_UsesMath uses math, which the exported file lacks"),
        (_UsesAConstant(), "_UsesAConstant uses FACTOR, which the exported file lacks"),
        (_UsesAType(), "_UsesAType uses types, which the exported file lacks"),
        (_UsesAUsersModule(), "_UsesMath uses math, which the exported file lacks"),
        (Model(), f"the name of the module {__name__}.Model is already used in the exported file, by the file itself"),
    ],
)
def test_what_the_file_would_not_have_is_refused(module: nn.Module, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        class_sources(nn.Sequential(module))
    assert str(caught.value) == message


def test_a_class_defined_within_a_function() -> None:
    class Local(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.relu(x)

    class UsesLocal(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Local()

    assert _first_lines(class_sources(nn.Sequential(Local()))) == ["class Local(nn.Module):"]
    with pytest.raises(UsageError, match="UsesLocal uses Local, which the exported file lacks"):
        class_sources(nn.Sequential(UsesLocal()))


def test_a_class_without_source() -> None:
    unread = type("Unread", (nn.Module,), {"__module__": "nowhere"})
    with pytest.raises(UsageError, match="the source of Unread cannot be read, so it cannot be exported"):
        class_sources(nn.Sequential(unread()))


def test_two_classes_of_one_name() -> None:
    def one() -> nn.Module:
        class Twin(nn.Module):
            pass

        return Twin()

    def other() -> nn.Module:
        class Twin(nn.Module):
            pass

        return Twin()

    with pytest.raises(
        UsageError, match=r"other\.<locals>\.Twin is already used in the exported file, by .*one\.<locals>\.Twin$"
    ):
        class_sources(nn.Sequential(one(), other()))


def test_arguments_of() -> None:
    assert arguments_of(_Derived(2)) == {"width": 2}
    with pytest.raises(
        UsageError, match=r"^_Base is not a class of torch\.nn, so it cannot be written as plain PyTorch"
    ):
        arguments_of(_Base())
