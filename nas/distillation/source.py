"""Where inputs without targets come from. Importing this does not load torch."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from nas.data import Dataset
from nas.distillation.teacher import Teacher

if TYPE_CHECKING:
    import torch


class Source(ABC):
    """Inputs without targets: those that there are, or some that are made."""

    @abstractmethod
    def key(self, teacher: Teacher | None) -> str:
        """What inputs for one data set follow from, given the teacher of the recipe."""

    @abstractmethod
    def check(self, data: Dataset, teacher: Teacher | None) -> None:
        """Raises UsageError if there are none for a data set, given the teacher of the recipe."""

    @abstractmethod
    def prepared(self, data: Dataset, teacher: Teacher | None, device: "torch.device | None" = None) -> NDArray[Any]:
        """The inputs as those of a data set are prepared, `(M, *shape)`.

        Args:
            data: the data set.
            teacher: of the recipe.
            device: where they are made; None: the CPU.

        Raises:
            UsageError: there are none, or one cannot be read, prepared or made.
            IntegrityError, StorageError: a file is damaged or cannot be read.
        """
