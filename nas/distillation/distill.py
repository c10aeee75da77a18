"""What a recipe says of distillation. Importing this does not load torch."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from nas.arguments import NotNegativeFloat, checked
from nas.data import Dataset
from nas.data.augmentation import Augment
from nas.distillation.by_path import ByPath, Given
from nas.distillation.kind import Kind
from nas.distillation.kinds import KINDS
from nas.distillation.made import MADE, Made
from nas.distillation.response import Response
from nas.distillation.source import Source
from nas.distillation.teacher import Teacher, TeacherSource, teacher_of
from nas.distillation.unlabelled import source_of
from nas.errors import UsageError, few
from nas.settings.forms import Tagged

View = Literal["same", "plain"]


@checked
@dataclass(frozen=True)
class Distill:
    """How a network learns from others while it is trained.

    Attributes:
        teacher: the trained network that it learns from: the path of a run, of an exported network, or of a program
            `.pt2`; in Python also a module. `null`: none, for kinds that need none.
        by: what it takes over: the names of kinds, each with its settings, such as `{response: {temperature: 2}}`, or
            one name. The loss is that of the task plus the weighted losses of the kinds.
        task_weight: of the loss of the task; 0: the network learns from others alone, as in Beyer et al. 2022.
        view: what the teacher sees of augmented inputs: the `same` as the student (Beyer et al. 2022), or the `plain`
            inputs. If these are not augmented, or with `plain`, what the teacher answers is computed once.
        unlabelled: further inputs without targets: a path, as for `nas predict`; in Python also samples in memory. As
            many of them as the batch has samples are added to each batch. Or inputs that are made, `{inverted: {count:
            2000}}` from the teacher or `{noise: {count: 2000}}`: with a `task_weight` of 0, they are the training
            samples, and no others are seen. `null`: there are none.
    """

    teacher: Annotated[Given[Teacher, TeacherSource], ByPath(teacher_of)] = Given(teacher_of)
    by: Annotated[tuple[Kind, ...], Tagged(KINDS)] = (Response(),)
    task_weight: NotNegativeFloat = 1.0
    view: View = "same"
    unlabelled: Annotated[Given[Source, Any], ByPath(source_of, MADE)] = Given(source_of)

    @property
    def acting(self) -> tuple[Kind, ...]:
        """The kinds with a weight above 0; without any, trainings are plain ones."""
        return tuple(kind for kind in self.by if kind.weight)

    @property
    def alone(self) -> bool:
        """Whether inputs that are made are learned from in place of the training samples."""
        return isinstance(self.unlabelled, Made) and not self.task_weight

    def check(self, data: Dataset, augment: Augment) -> None:
        """Checks what can be told without building a network.

        Args:
            data: the data set.
            augment: the augmentation of the recipe.

        Raises:
            UsageError: nothing has a weight; kinds do not suit the task, or need a teacher, targets or plain inputs
                that there are not; a kind is given twice; or see `Teacher.check` and `Source.check`.
            Damaged, StorageError: a file of the teacher is corrupt or cannot be read.
        """
        names = [kind.name for kind in self.by]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise UsageError(f"distill.by: {twice[0]} is given twice")
        if not (self.task_weight or self.acting):
            raise UsageError(
                "distill.task_weight: nothing is learned; expected more than 0, as no kind has a weight, got 0"
            )
        for kind in self.by:
            kind.check(data.task)
            if kind.taught and self.teacher is None:
                raise UsageError(f"distill.by.{kind.name} needs a teacher: `distill: {{teacher: PATH}}`")
            if kind.differentiates and (data.input.tokens is not None or data.input.categories):
                codes = "token indices" if data.input.tokens is not None else "codes of categories"
                raise UsageError(
                    f"distill.by.{kind.name} compares gradients with respect to inputs, expected numbers, got {codes}: "
                    "those of the embeddings of different networks cannot be compared"
                )
            if kind.labelled and augment.mixes:
                raise UsageError(f"distill.by.{kind.name} compares samples by targets, and mixed samples have two")
        if self.view == "plain" and augment.mixes:
            raise UsageError("distill.view: mixed samples have no plain inputs; expected `same`, got plain")
        if self.teacher is not None:
            self.teacher.check(data)
        if self.unlabelled is not None:
            if self.acting and all(kind.labelled for kind in self.acting):
                names = [kind.name for kind in self.acting]
                raise UsageError(f"distill.unlabelled: by {few(names)}, only samples with targets are learned from")
            if self.alone and (of := [kind.name for kind in self.acting if kind.labelled]):
                raise UsageError(f"distill.by.{of[0]} needs targets, and inputs that are made stand alone without any")
            if self.alone and isinstance(self.unlabelled, Made) and self.unlabelled.count < 2:
                name = self.unlabelled.name
                raise UsageError(f"distill.unlabelled.{name}.count: expected 2 or more to train on, got 1")
            self.unlabelled.check(data, self.teacher)
