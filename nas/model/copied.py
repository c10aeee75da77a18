"""The source code of modules that are not part of PyTorch, for exported files that do not depend on Archwright.

Such a class records its constructor arguments in `arguments` (a dict without defaults). It uses only torch, `nn`,
`Tensor`, `F` (`torch.nn.functional`), builtins, and other such classes; `nas/ops/conv_modules.py` has examples. The
copy omits `arguments`, so no other code of the class may read it.
"""

import ast
import builtins
import inspect
import symtable
import sys
from collections.abc import Iterator, Mapping
from textwrap import dedent
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  as in the files that are written
from torch import Tensor, nn

from nas.errors import UsageError
from nas.model.template import NAMES

_AT_HAND: Mapping[str, object] = {"torch": torch, "nn": nn, "Tensor": Tensor, "F": F}


def arguments_of(module: nn.Module) -> Mapping[str, Any]:
    """The constructor arguments of a module that is not part of torch.nn. Raises UsageError if it has no record."""
    arguments = getattr(module, "arguments", None)
    if not isinstance(arguments, Mapping):
        raise UsageError(
            f"{type(module).__name__} is not a class of torch.nn, so it cannot be written as plain PyTorch: "
            "it would need `arguments`, a dict of its constructor arguments"
        )
    return arguments


def class_sources(network: nn.Module) -> list[str]:
    """The source of each class in `network` that is not part of PyTorch, each after those that it uses.

    Raises:
        UsageError: a class uses a name that the exported file lacks, or two classes have the same name.
    """
    found: dict[type[nn.Module], str] = {}
    for module in network.modules():
        if module is not network and _is_copied(type(module)):
            _add(type(module), found)
    taken = dict.fromkeys([*_AT_HAND, *NAMES], "the file itself")
    for cls in found:
        where = f"{cls.__module__}.{cls.__qualname__}"
        if cls.__name__ in taken:
            raise UsageError(
                f"the name of the module {where} is already used in the exported file, by {taken[cls.__name__]}"
            )
        taken[cls.__name__] = where
    return list(found.values())


def _is_copied(cls: object) -> bool:
    return isinstance(cls, type) and issubclass(cls, nn.Module) and not cls.__module__.startswith("torch.")


def _add(cls: type[nn.Module], found: dict[type[nn.Module], str], above: tuple[type[nn.Module], ...] = ()) -> None:
    """Adds the classes that `cls` uses, and then `cls` itself."""
    if cls in found or cls in above:
        return
    try:
        source = dedent(inspect.getsource(cls))
    except (OSError, TypeError) as error:
        raise UsageError(f"the source of {cls.__name__} cannot be read, so it cannot be exported") from error
    for name, value in _globals(cls, source):
        if _is_copied(value):
            _add(value, found, (*above, cls))
        elif name not in _AT_HAND or value is not _AT_HAND[name]:
            raise UsageError(f"{cls.__name__} uses {name}, which the exported file lacks")
    found[cls] = _without_arguments(source)


def _globals(cls: type[nn.Module], source: str) -> Iterator[tuple[str, Any]]:
    """The global names that a class uses, with their values; without builtins."""
    names: dict[str, None] = {}
    tables = [symtable.symtable(source, cls.__name__, "exec")]
    for scope in tables:
        tables += scope.get_children()
        names |= {symbol.get_name(): None for symbol in scope.get_symbols() if symbol.is_global()}
    around = vars(sys.modules[cls.__module__])
    for name in names:
        if name != cls.__name__ and (name in around or not hasattr(builtins, name)):
            yield name, around.get(name)


def _without_arguments(source: str) -> str:
    """The source of a class without its `arguments`, which only the export needs."""
    lines = source.splitlines()
    for first, last in sorted(map(_span, filter(_says_arguments, ast.walk(ast.parse(source)))), reverse=True):
        while not lines[first - 2].strip():
            first -= 1
        del lines[first - 1 : last]
    return "\n".join(lines)


def _says_arguments(node: ast.AST) -> bool:
    """Whether a node is a method `arguments`, or assigns `self.arguments`."""
    if isinstance(node, ast.FunctionDef):
        return node.name == "arguments"
    if isinstance(node, ast.Assign | ast.AnnAssign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        return ast.unparse(target) in ("arguments", "self.arguments")
    return False


def _span(node: Any) -> tuple[int, int]:
    """The first and the last line of a statement, decorators included."""
    return min(part.lineno for part in (node, *getattr(node, "decorator_list", ()))), node.end_lineno
