"""What all inputs without targets have in common."""

import numpy as np
import pytest

from nas.distillation import Inverted, Noise
from nas.distillation.source import Source
from nas.distillation.teacher import Teacher
from nas.distillation.unlabelled import Unlabelled
from tests.distillation.lessons import IMAGES, teacher_of


@pytest.mark.parametrize(
    "source",
    [Unlabelled(IMAGES.data.val.inputs[:5]), Noise(5), Inverted(5, steps=1)],
    ids=lambda one: type(one).__name__,
)
def test_equal_sources_are_equal_inputs_of_the_shape_of_the_data(source: Source) -> None:
    teacher = Teacher(teacher_of(IMAGES))
    source.check(IMAGES.data, teacher)
    first, again = (source.prepared(IMAGES.data, teacher) for _ in range(2))
    assert first.shape == (5, *IMAGES.shape)
    assert first.dtype == np.float32
    assert np.array_equal(first, again)
    assert len(source.key(teacher)) == 64
    assert source.key(teacher) == source.key(Teacher(teacher_of(IMAGES)))
