"""Inputs that are made where there are none to learn from: from what a teacher remembers of its own, or of noise.

Importing this does not load torch.
"""

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.arguments import Positive, Seed, checked
from nas.data import Dataset, Samples
from nas.data.preparation.arrays import Arrays
from nas.data.prepared import prepare
from nas.distillation.inverting import Inverting
from nas.distillation.source import Source
from nas.distillation.teacher import Teacher, teacher_of
from nas.errors import UsageError
from nas.files import sha256
from nas.settings import plain

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Made(Source):
    """Inputs that are made: numbers, in the units of the data, and float32.

    Attributes:
        count: how many.
        seed: of their random numbers.
    """

    name: ClassVar[str]
    teaches: ClassVar[bool] = False
    """Whether they are made from the teacher."""

    count: Positive
    seed: Seed = 0

    def key(self, teacher: Teacher | None) -> str:
        """See `Source.key`: the settings, and the content of a teacher that they are made from."""
        of = teacher.sha256 if self.teaches and teacher is not None else ""
        return sha256(json.dumps([self.name, plain(self), of]).encode())

    def check(self, data: Dataset, teacher: Teacher | None) -> None:
        """Raises UsageError if inputs are no numbers."""
        if data.input.tokens is not None or data.input.categories:
            what = "token indices" if data.input.tokens is not None else "codes of categories"
            raise UsageError(f"distill.unlabelled.{self.name}: expected inputs of numbers, which are made; got {what}")

    @abstractmethod
    def prepared(self, data: Dataset, teacher: Teacher | None, device: "torch.device | None" = None) -> NDArray[Any]:
        """See `Source.prepared`."""


@checked
@dataclass(frozen=True)
class Noise(Made):
    """Inputs of independent normal numbers, with the mean and the standard deviation of each channel of the data."""

    name: ClassVar[str] = "noise"

    def prepared(self, data: Dataset, teacher: Teacher | None, device: "torch.device | None" = None) -> NDArray[Any]:
        """See `Source.prepared`."""
        drawn = np.random.default_rng(self.seed).standard_normal((self.count, *data.shape), dtype=np.float32)
        found: NDArray[Any] = data.mean + data.std * drawn
        return found


@checked
@dataclass(frozen=True)
class Inverted(Inverting, Made):
    """Inputs that are changed, from noise, until the teacher takes them for samples of given classes, and the
    statistics within it are those of its training data (`nas.distillation.inversion`)."""

    name: ClassVar[str] = "inverted"
    teaches: ClassVar[bool] = True

    def check(self, data: Dataset, teacher: Teacher | None) -> None:
        """Raises UsageError if there is no teacher, inputs are no numbers, or targets no classes."""
        super().check(data, teacher)
        if teacher is None:
            raise UsageError("distill.unlabelled.inverted needs a teacher: `distill: {teacher: PATH}`")
        if data.task.name != "classification":
            raise UsageError(
                f"distill.unlabelled.inverted: inputs are made for classes; expected a classification, got "
                f"{data.task.name}"
            )

    def prepared(self, data: Dataset, teacher: Teacher | None, device: "torch.device | None" = None) -> NDArray[Any]:
        """See `Source.prepared`. What takes long is taken from the cache of prepared data, where there is one."""
        import torch

        from nas.distillation.inversion import VERSION, made

        assert teacher is not None  # noqa: S101  checked
        place = torch.device("cpu") if device is None else device
        raw = _Lazy(self.count, lambda: made(teacher.network(place), self, data=data, device=place).inputs)
        preparation = Arrays(data.input.modality, data.shape, "float32")
        frame = [VERSION, self.key(teacher), data.fingerprint, place.type, torch.__version__]
        key = sha256(json.dumps(frame).encode())
        return np.asarray(prepare({"train": raw}, lambda _: preparation, content=key).inputs["train"])


@checked
def invert(
    teacher: Any, inverted: Inverted, *, data: Dataset | None = None, targets: Sequence[int] | None = None
) -> Samples:
    """Makes inputs from a trained classifier, of classes that it takes them for, without any data (DeepInversion, Yin
    et al. 2020).

    Noise is changed until the teacher takes it for samples of given classes, and what is before each batch norm of the
    teacher has the mean and the variance that its training samples had there. A teacher without batch norm remembers
    no such statistics, and a `TeacherWarning` says so. Equal arguments make equal inputs. The teacher stays as it is.
    The inputs may show what the training samples of the teacher look like: they are no less private than the teacher.

    Args:
        teacher: the folder of a run or of an export, a program `.pt2`, or a module in evaluation mode, that maps inputs
            `(N, *shape)` to logits `(N, K)`.
        inverted: how many inputs, and how they are made.
        data: a data set of such inputs, for their shape, the number of classes, and the mean and the standard deviation
            of a teacher that has none; None: those of the teacher, if it is a network of Archwright.
        targets: the class of each input, from 0; None: as many of each.

    Returns:
        Inputs `(count, *shape)` float32, in the units of the data, and their classes `(count,)` int64.

    Raises:
        UsageError: the inputs are no numbers, a teacher does not say their shape, it has no outputs for classes, or
            targets are not as many, or no classes of it.
        IntegrityError, StorageError: a file is damaged or cannot be read.
    """
    import torch

    from nas.distillation.inversion import made

    source = teacher_of(teacher)
    if source is None:
        raise UsageError("teacher: expected a path or a module, got None")
    if data is not None:
        inverted.check(data, source)
        source.check(data)
    device = torch.device("cpu")
    return made(source.network(device), inverted, data=data, targets=targets, device=device)


class _Lazy:
    """Raw inputs that are made when they are first asked for.

    Args:
        count: how many.
        make: makes all of them.
    """

    def __init__(self, count: int, make: Any) -> None:
        self._count, self._make = count, make
        self._made: NDArray[Any] | None = None

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, rows: NDArray[np.intp], /) -> Any:
        if self._made is None:
            self._made = self._make()
        return self._made[rows]

    def joined(self, other: Any, /) -> Any:
        """These inputs, followed by others."""
        every = np.arange(len(self))
        return np.concatenate([self[every], other[np.arange(len(other))]])


MADE: Mapping[str, type[Made]] = MappingProxyType({one.name: one for one in (Inverted, Noise)})
"""The inputs that can be made, by name."""
