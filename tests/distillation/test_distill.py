"""What a recipe says of distillation, checked before a network is built."""

import pytest

from nas.data import Augment
from nas.distillation import Contrastive, Decoupled, Distill, Response
from nas.errors import UsageError
from tests.distillation.lessons import IMAGES, teacher_of


def test_something_has_a_weight() -> None:
    distill = Distill(teacher_of(IMAGES), (Response(weight=0),), task_weight=0)
    with pytest.raises(UsageError, match="nothing is learned"):
        distill.check(IMAGES.data, Augment())


def test_inputs_without_targets_serve_a_kind_that_acts() -> None:
    def check(*kinds: Response | Decoupled | Contrastive) -> None:
        teacher = teacher_of(IMAGES)
        Distill(teacher, kinds, unlabelled=IMAGES.data.val.inputs).check(IMAGES.data, Augment())

    check(Response(), Contrastive())
    check(Response(weight=0))
    for kinds in ((Contrastive(), Decoupled()), (Response(weight=0), Contrastive(), Decoupled())):
        with pytest.raises(UsageError, match="by contrastive, decoupled, only samples with targets are learned from"):
            check(*kinds)
