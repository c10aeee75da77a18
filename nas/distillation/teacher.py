"""Teachers: trained networks that others learn from, named by a path or given as modules.

Importing this does not load torch.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError

from nas.data import Dataset
from nas.errors import ArchwrightError, IntegrityError, UsageError
from nas.files import read_bytes, sha256
from nas.manifest import Manifest
from nas.marks import Content
from nas.network_files import ARCHITECTURE, NETWORK, PREPARATION, WEIGHTS
from nas.sealed import parse_record
from nas.tasks.stored import task_of

if TYPE_CHECKING:
    import torch
    from torch import nn


PROGRAM = ".pt2"
"""The suffix of the file of a program, written by `torch.export.save`."""

EXPECTED = f"the folder of a run or of an exported network, or a program {PROGRAM}"


class Teacher(Content):
    """A trained network that others learn from.

    Args:
        source: the folder of a run, whose selected network it is, or of an export; the file of a program, written by
            `torch.export.save`, with a batch of any size; or a module in evaluation mode, that maps inputs as the data
            set has them, `(N, *shape)`, but bytes as float32, to outputs `(N, K)`.

    Raises:
        UsageError: a module is in training mode.
    """

    def __init__(self, source: "Path | nn.Module") -> None:
        self.path = source if isinstance(source, Path) else None
        self._module = None if isinstance(source, Path) else source
        if self._module is not None and self._module.training:
            raise UsageError(
                "distill.teacher: the teacher is in training mode, in which its answers depend on dropout and on the "
                "other samples of a batch; teacher.eval() ends it"
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Teacher) and (self.path, self._module) == (other.path, other._module)

    def __hash__(self) -> int:
        return hash((self.path, id(self._module)))

    def __repr__(self) -> str:
        return f"Teacher({self.written!r})"

    def __getstate__(self) -> dict[str, Any]:
        """For another process: without what was read from files."""
        kept = {"path": self.path, "_module": self._module}
        return kept | ({"sha256": self.sha256} if "sha256" in vars(self) else {})

    @property
    def written(self) -> str:
        """The teacher in a file: its path; the class of a module, which no file can name."""
        return str(self.path.absolute()) if self.path is not None else type(self._module).__name__

    @cached_property
    def sha256(self) -> str:
        """64 hexadecimal digits that follow from its layers and weights.

        Raises:
            UsageError: there is no network at its path.
            Damaged: a file is corrupt.
            StorageError: a file cannot be read.
        """
        if self._module is not None:
            digest = hashlib.sha256(str(self._module).encode())
            for name, tensor in self._module.state_dict().items():
                digest.update(f"{name}{tensor.dtype}{tuple(tensor.shape)}".encode())
                digest.update(_bytes(tensor))
            return digest.hexdigest()
        return _hash(self._contents)

    def check(self, data: Dataset) -> None:
        """Raises UsageError if the teacher says that it was trained for other inputs or outputs than those of a data
        set; Damaged or StorageError as `sha256`. A module and a program say nothing of that."""
        contents = {} if self._module is not None else self._contents
        if PREPARATION not in contents:
            return
        assert self.path is not None  # noqa: S101  else there are no contents
        record = parse_record(contents[PREPARATION], self.path / PREPARATION)
        task, own, theirs = task_of(record["task"]), data.intake.to_dict()["preparation"], record["preparation"]
        if (task.name, task.outputs) != (data.task.name, data.task.outputs):
            raise UsageError(
                f"distill.teacher: {self.path} is for other targets: expected {data.task.name} of "
                f"{_shown(data.task.outputs)}, got {task.name} of {_shown(task.outputs)}"
            )
        if own != theirs:
            differing = sorted(key for key in {**own, **theirs} if own.get(key) != theirs.get(key))
            raise UsageError(
                f"distill.teacher: {self.path} takes inputs that are prepared otherwise than those of the data "
                f"({', '.join(differing)}); a teacher sees what its student sees"
            )

    def network(self, device: "torch.device") -> "nn.Module":
        """The network, on a device and without gradients of its weights; it is read once.

        Raises:
            UsageError: there is none at its path, or a program cannot be loaded here.
            IntegrityError: the files do not describe a network.
            StorageError: a file cannot be read.
        """
        return self._network.to(device)

    @cached_property
    def _network(self) -> "nn.Module":
        module = self._read() if self._module is None else _copied(self._module)
        return module.requires_grad_(requires_grad=False)

    def _read(self) -> "nn.Module":
        contents = self._contents
        if _hash(contents) != self.sha256:  # which another process may have told
            raise UsageError(f"distill.teacher: {self.path} was changed while it was in use; expected what it was")
        self._contents = {name: one for name, one in contents.items() if name == PREPARATION}  # weights only once
        if ARCHITECTURE not in contents:
            return _program(self.written, *contents.values())
        from nas.model.stored import stored_network

        try:
            return stored_network(contents[ARCHITECTURE], contents[WEIGHTS])
        except IntegrityError as error:
            raise IntegrityError(f"{self.path}: {error}") from error

    @cached_property
    def _contents(self) -> Mapping[str, bytes]:
        """The verified content of the files, by name, read once; of the preparation alone, once there is a network."""
        path = self.path
        assert path is not None  # noqa: S101  a module has no files
        if path.is_file() and path.suffix == PROGRAM:
            return {path.name: read_bytes(path)}
        if not path.is_dir():
            said = "is not a program of torch" if path.is_file() else "does not exist"
            raise UsageError(f"distill.teacher: {path} {said}; expected {EXPECTED}")
        manifest = Manifest(path)
        for place in (f"{NETWORK}/", ""):
            if f"{place}{ARCHITECTURE}" in manifest:
                names = (ARCHITECTURE, WEIGHTS, PREPARATION)
                return {name: manifest.read(f"{place}{name}") for name in names}
        raise UsageError(f"distill.teacher: {path} has no network; expected {EXPECTED}")


if TYPE_CHECKING:
    TeacherSource = Teacher | Path | str | nn.Module
else:
    TeacherSource = Any
"""What stands for a teacher: a path, or a module; see `Teacher`."""


def teacher_of(value: Any) -> Teacher | None:
    """The teacher that a path or a module stands for; None: there is none."""
    if value is None or isinstance(value, Teacher):
        return value
    if isinstance(value, str | Path):
        return Teacher(Path(value))
    if callable(getattr(value, "state_dict", None)) and callable(value):
        return Teacher(value)
    raise PydanticCustomError("teacher", f"{EXPECTED}, or a module")


def _hash(contents: Mapping[str, bytes]) -> str:
    return sha256("".join(sha256(contents[name]) for name in sorted(contents)).encode())


def _program(path: str, content: bytes) -> "nn.Module":
    import io

    import torch

    try:
        return torch.export.load(io.BytesIO(content)).module()
    except ArchwrightError:
        raise
    except Exception as error:  # of torch, of zip files, of operators that are not registered
        said = str(error).strip().partition("\n")[0]
        raise UsageError(f"distill.teacher: {path} cannot be loaded here: {type(error).__name__}: {said}") from error


def _copied(module: "nn.Module") -> "nn.Module":
    """A module of its own, so that neither its device nor its gradients are changed for the user; bytes reach it as
    floats."""
    import copy

    own = copy.deepcopy(module)
    own.register_forward_pre_hook(_floats)
    return own


def _floats(_: "nn.Module", given: tuple[Any, ...]) -> tuple[Any, ...]:
    import torch

    return tuple(one.float() if isinstance(one, torch.Tensor) and one.dtype == torch.uint8 else one for one in given)


def _bytes(tensor: "torch.Tensor") -> bytes:
    import torch

    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def _shown(names: tuple[str, ...]) -> str:
    return f"{len(names)} outputs ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})"
