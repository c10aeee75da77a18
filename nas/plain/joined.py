"""Several modules as one file that does not import them.

The file has the source of what a module defines and of what that reads in other modules, as it stands there, and
nothing else of them. So there is one definition of each thing, though the file can be read and run by itself.
"""

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from types import ModuleType

from nas.errors import UsageError

PACKAGE = "nas."
"""The modules that are joined begin with this; others are imported."""

LEFT_OUT = ("checked",)
"""Decorators without which a definition is the same for arguments that fit."""


def joined(root: ModuleType, instead: Mapping[ModuleType, ModuleType]) -> str:
    """The source of a module with all that it takes from others of Archwright.

    Args:
        root: the module. Its docstring is followed by those of the modules that stand in for others.
        instead: the module from which names are taken in place of another.

    Raises:
        UsageError: two modules give different things the same name, or a function imports a module of Archwright.
    """
    join = _Join({one.__name__: other.__name__ for one, other in instead.items()})
    module = join.module(root.__name__)
    for name in module.names:
        join.reach(module, name)
    about = "\n\n".join(inspect.getdoc(one) or "" for one in (root, *instead.values()))
    docstring = f'"""{about}' + ("\n" if "\n" in about else "") + '"""'
    parts = [part for one in join.ordered(module) for part in one.parts(join.reached[one.name])]
    imports = "\n".join(_imports(join.imports))
    return "\n\n".join([docstring, imports, *_spaced([*parts, *module.rest])]) + "\n"


@dataclass(frozen=True)
class _Part:
    """A statement of a module: the names that it binds, those that it reads, and its source."""

    names: tuple[str, ...]
    reads: frozenset[str]
    source: str
    is_block: bool


@dataclass(frozen=True)
class _Import:
    """What a name of a module is: `name` of `module`, or `module` itself, for annotations alone or not."""

    module: str
    name: str
    typing: bool


@dataclass(eq=False)
class _Module:
    """A module, cut into its statements."""

    name: str

    @cached_property
    def _lines(self) -> list[str]:
        return inspect.getsource(import_module(self.name)).splitlines()

    @cached_property
    def _body(self) -> list[ast.stmt]:
        return ast.parse("\n".join(self._lines)).body

    @cached_property
    def imported(self) -> Mapping[str, _Import]:
        """What it imports, by the names that it has here."""
        found: dict[str, _Import] = {}
        for node in self._body:
            typing = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for one in node.body if typing and isinstance(node, ast.If) else [node]:
                if isinstance(one, ast.ImportFrom):
                    for alias in one.names:
                        found[alias.asname or alias.name] = _Import(str(one.module), alias.name, typing)
                elif isinstance(one, ast.Import):
                    for alias in one.names:
                        found[alias.asname or alias.name] = _Import(alias.name, "", typing)
        return found

    @cached_property
    def defined(self) -> list[_Part]:
        """Its statements that bind names, with the comments above and the docstrings below them."""
        found = []
        for node, after in zip(self._body, [*self._body[1:], None], strict=True):
            if names := tuple(_bound(node)):
                documented = isinstance(after, ast.Expr) and not isinstance(node, ast.FunctionDef | ast.ClassDef)
                found.append(self._part(node, names, after if documented and after is not None else node))
        return found

    @cached_property
    def rest(self) -> list[_Part]:
        """What it executes under `if __name__ == "__main__"`."""
        blocks = [node for node in self._body if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)]
        return [self._part(node, (), node) for node in blocks]

    @property
    def names(self) -> list[str]:
        """All names that it defines, or reads when it is executed."""
        own = [name for part in self.defined for name in part.names]
        return own + [name for part in self.rest for name in part.reads if name in self.imported]

    def parts(self, names: set[str]) -> list[_Part]:
        """The statements that bind some names, in its order."""
        return [part for part in self.defined if names & {*part.names}]

    def _part(self, node: ast.stmt, names: tuple[str, ...], last: ast.stmt) -> _Part:
        decorators = [one for one in getattr(node, "decorator_list", ()) if ast.unparse(one) in LEFT_OUT]
        left_out = {line for one in decorators for line in range(one.lineno, (one.end_lineno or one.lineno) + 1)}
        first = min(one.lineno for one in (node, *getattr(node, "decorator_list", ())))
        while self._lines[first - 2].startswith("#"):
            first -= 1
        lines = range(first, (last.end_lineno or last.lineno) + 1)
        source = "\n".join(self._lines[line - 1] for line in lines if line not in left_out)
        reads = frozenset(_read(node)) - {ast.unparse(one) for one in decorators}
        return _Part(names, reads, source, isinstance(node, ast.FunctionDef | ast.ClassDef | ast.If))


@dataclass(eq=False)
class _Join:
    """What is joined so far.

    Attributes:
        instead: modules that stand in for others, by name.
        reached: the names of each that are taken.
        imports: what is imported from elsewhere, by the names that it has.
    """

    instead: Mapping[str, str]
    reached: dict[str, set[str]] = field(default_factory=dict)
    imports: dict[str, _Import] = field(default_factory=dict)
    _modules: dict[str, _Module] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)

    def module(self, name: str) -> _Module:
        name = self.instead.get(name, name)
        return self._modules.setdefault(name, _Module(name))

    def reach(self, module: _Module, name: str) -> None:
        """Takes what a name of a module is, and all that it reads."""
        if (found := module.imported.get(name)) is not None:
            if not found.module.startswith(PACKAGE):
                self._own(name, f"{found.module}.{found.name}")
                before = self.imports.get(name, found)
                self.imports[name] = _Import(found.module, found.name, found.typing and before.typing)
                return
            if name != found.name:
                raise UsageError(f"{module.name} takes {found.name} of {found.module} by another name, {name}")
            self.reach(self.module(found.module), name)
            return
        parts = module.parts({name})
        if not parts or name in self.reached.setdefault(module.name, set()):
            return  # a builtin, or known
        self._own(name, module.name)
        self.reached[module.name].add(name)
        for read in sorted(frozenset[str]().union(*(part.reads for part in parts))):
            self.reach(module, read)

    def ordered(self, module: _Module) -> list[_Module]:
        """The modules of which something is taken that a module imports, each after those that it imports; and it."""
        found: dict[_Module, None] = {}
        for one in module.imported.values():
            if one.module.startswith(PACKAGE) and self.module(one.module).name in self.reached:
                found |= dict.fromkeys(self.ordered(self.module(one.module)))
        return [*found, module]

    def _own(self, name: str, owner: str) -> None:
        if self._owners.setdefault(name, owner) != owner:
            raise UsageError(f"{name} is defined by both {owner} and {self._owners[name]}, which are to be one file")


def _bound(node: ast.stmt) -> Iterator[str]:
    """The names that a statement binds, other than by an import."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def _read(node: ast.AST) -> Iterator[str]:
    """The names that a statement may read, also in annotations that are strings."""
    for one in ast.walk(node):
        match one:
            case ast.Name(id=name):
                yield name
            case ast.ImportFrom(module=module) if str(module).startswith(PACKAGE):
                raise UsageError(f"{ast.unparse(one)}: a function that is copied imports {module}")
            case ast.arg(annotation=ast.expr() as said) | ast.FunctionDef(returns=ast.expr() as said):
                for part in ast.walk(said):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        with_names = part.value if part.value.isidentifier() or "[" in part.value else ""
                        yield from (
                            inner.id for inner in ast.walk(ast.parse(with_names)) if isinstance(inner, ast.Name)
                        )


def _imports(imports: Mapping[str, _Import]) -> Iterator[str]:
    """The lines that import from elsewhere: the standard library, others, and what annotations alone need."""
    typed = {name: one for name, one in imports.items() if one.typing}
    used = {name: one for name, one in imports.items() if not one.typing}
    if typed:
        used["TYPE_CHECKING"] = _Import("typing", "TYPE_CHECKING", False)
    lines = list(_import_lines(used))
    standard = [line for line in lines if line.split()[1].partition(".")[0] in sys.stdlib_module_names]
    others = [line for line in lines if line not in standard]
    yield from standard
    if others:
        yield from ("", *others)
    if typed:
        yield from ("", "if TYPE_CHECKING:", *(f"    {line}" for line in _import_lines(typed)))


def _import_lines(imports: Mapping[str, _Import]) -> Iterator[str]:
    """`import module`, then `from module import names`, each sorted as formatters do."""
    for name, one in sorted(imports.items(), key=lambda item: item[1].module.lower()):
        if not one.name:
            yield f"import {one.module}" + (f" as {name}" if name != one.module else "")
    for module in sorted({one.module for one in imports.values() if one.name}, key=str.lower):
        names = {name: one.name for name, one in imports.items() if one.module == module and one.name}
        said = sorted((own if own == name else f"{own} as {name}") for name, own in names.items())
        constants, classes, others = (
            [one for one in said if one.isupper() and len(one) > 1],
            [one for one in said if not one.isupper() and one[0].isupper()],
            [one for one in said if not one[0].isupper()],
        )
        yield f"from {module} import {', '.join([*constants, *classes, *others])}"


def _spaced(parts: list[_Part]) -> Iterator[str]:
    """Sources of statements, which a blank line separates, or two around definitions."""
    for place, part in enumerate(parts):
        before = parts[place - 1] if place else part
        apart = part.is_block or (place > 0 and before.is_block)
        yield f"\n{part.source}" if apart else part.source
