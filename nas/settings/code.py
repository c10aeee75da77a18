"""The user's own code that a file names: `mine.py:HillClimbing`, or `my_package.moons`.

The path of a Python file is relative to the file that names it; a module is imported as usual. Importing runs code, so
code is imported for the files that a user passes to a command. Stored files, such as the `config.yaml` of a run, are
data: the code that they name is imported only on request.
"""

import importlib
import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from nas.errors import ArchwrightError, UsageError, nearest
from nas.files import read_bytes, sha256

IN_FILE = re.compile(r"(.+\.py):([A-Za-z_]\w*)")
IN_MODULE = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\.([A-Za-z_]\w*)")
PATTERN = rf"^({IN_FILE.pattern}|{IN_MODULE.pattern})$"
"""A name of code, for JSON schemas."""

_IMPORTING = (str(Path(__file__).parents[1]), str(Path(importlib.util.__file__).parent), "<")
"""The files of Archwright and of Python that take part in an import."""


@dataclass(frozen=True)
class Code:
    """A class or a function in a file or a module.

    Attributes:
        name: `mine.py:HillClimbing`, without the folder, or `my_package.moons`.
        path: the path of the file; None: it is in a module.
        sha256: the SHA-256 of the source, 64 hexadecimal digits.
        trusted: whether it may be imported.
    """

    name: str
    path: Path | None
    sha256: str
    trusted: bool = True

    @classmethod
    def named(cls, name: str, folder: Path, stored: Mapping[str, str] | None = None) -> "Code":
        """The code of a name. It is imported and its source hashed, unless a stored file names it.

        Args:
            name: the name in the file.
            folder: the folder of the file that names it.
            stored: the hashes that a stored file records, by name; None: a user's own file names it.

        Raises:
            UsageError: there is no such code, or it cannot be imported.
            StorageError: the file cannot be read.
        """
        path = None
        if found := IN_FILE.fullmatch(name):
            path = folder / found[1]
            name = f"{path.name}:{found[2]}"
        if stored is not None:
            return cls(name, path, str(stored.get(name, "")), trusted=False)
        code = cls(name, path, "")
        code = replace(code, sha256=code._hash())
        code.load()
        return code

    def load(self) -> Callable[..., Any]:
        """The class or the function. Raises UsageError if it cannot or may not be imported, or was changed."""
        if not self.trusted:
            raise UsageError(
                f"{self.name} is code{f' in {self.path}' if self.path else ''}, which is not imported because a stored "
                "file names it; --allow-code (allow_code=True) imports it"
            )
        if self.sha256 != self._hash():
            raise UsageError(f"{self.path or self.name} was changed while it was in use")
        target: Callable[..., Any] = self._target()
        return target

    def _hash(self) -> str:
        if self.path is not None:
            return sha256(self._source())
        target = self._target()
        place = inspect.getmodule(target) or self._module()
        file = getattr(place, "__file__", None)
        if file is None:
            raise UsageError(f"{self.name} is not defined in a file whose content could be recorded")
        return sha256(read_bytes(Path(file)))

    def _source(self) -> bytes:
        assert self.path is not None  # noqa: S101  for the type checker
        if not self.path.is_file():
            raise UsageError(f"there is no file {self.path}")
        return read_bytes(self.path)

    def _target(self) -> Any:
        module, attribute = self._module(), re.split(r"[:.]", self.name)[-1]
        target = getattr(module, attribute, None)
        if not callable(target):
            known = [name for name, one in vars(module).items() if callable(one) and not name.startswith("_")]
            own = [name for name in known if getattr(getattr(module, name), "__module__", "") == module.__name__]
            guess = nearest(attribute, known)
            hint = f"did you mean {guess!r}?" if guess else f"it has {', '.join(own) or 'none'}"
            place = self.path or module.__name__
            raise UsageError(f"{place} has no class or function {attribute!r}; {hint}")
        return target

    def _module(self) -> ModuleType:
        if self.path is not None:
            return _run(self.path, self._source())
        name = self.name.rpartition(".")[0]
        with told(f"the module {name} cannot be imported", None):
            return importlib.import_module(name)


def names_code(name: str) -> bool:
    """Whether a name is that of code: in a file, or in a module of an installed package."""
    if IN_FILE.fullmatch(name):
        return True
    top = name.partition(".")[0]
    return IN_MODULE.fullmatch(name) is not None and (top in sys.modules or importlib.util.find_spec(top) is not None)


_files: dict[str, Path] = {}
"""The files that were run, by the names of their modules."""


def files_run() -> Mapping[str, Path]:
    """The files of the user's own code that were run in this process, by the names of their modules."""
    return dict(_files)


def run_file(path: Path) -> ModuleType:
    """The module of a file, which runs once in a process as long as its content stays the same.

    Raises:
        UsageError: it cannot be imported.
        StorageError: the file cannot be read.
    """
    return _run(path, read_bytes(path))


def _run(path: Path, source: bytes) -> ModuleType:
    """The module of a file with this content."""
    name = f"{path.stem}_{sha256(source)[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    module = ModuleType(name)
    module.__file__ = str(path.absolute())
    _files[name] = path.absolute()
    sys.modules[name] = module  # dataclasses look for the module that they are made in
    try:
        with told(f"{path} cannot be imported", path):
            exec(compile(source, module.__file__, "exec", dont_inherit=True), vars(module))
    except BaseException:
        del sys.modules[name]
        raise
    return module


@contextmanager
def told(what: str, path: Path | None) -> Iterator[None]:
    """Turns an error of the user's own code into a UsageError that names the line.

    Args:
        what: what failed.
        path: the file with the code; None: it is in a module.
    """
    try:
        yield
    except ArchwrightError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(f"{what}: {_line(error, path)}{type(error).__name__}: {error}") from error


def _line(error: BaseException, path: Path | None) -> str:
    """The innermost line of the user's code that an error passed through. A SyntaxError names its line itself."""
    frames = traceback.extract_tb(error.__traceback__)
    if path is not None:
        own = [frame for frame in frames if frame.filename == str(path.absolute())]
        return f"line {own[-1].lineno}: " if own else ""
    own = [frame for frame in frames if not frame.filename.startswith(_IMPORTING)]
    return f"{own[-1].filename}, line {own[-1].lineno}: " if own else ""
