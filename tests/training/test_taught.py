"""What is kept of the answers of teachers."""

import pytest
import torch

from nas.distillation import Response
from nas.training import taught
from nas.training.taught import Asked, Taught
from nas.training.workbench import Workbench
from tests.distillation.lessons import IMAGES, teacher_of


def test_the_answers_that_a_bench_keeps_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search asks teachers for other layers in each trial; a training keeps its own answers as long as it lasts."""
    bench, asked = Workbench(IMAGES.data, device="cpu"), [Asked(Response(), ())]
    inputs, more = bench.train[0], torch.zeros(2, *IMAGES.shape)
    each = len(inputs) * 3 * 4
    monkeypatch.setattr(taught, "KEPT", 2 * each)
    teachers = [Taught(bench, teacher_of(IMAGES), asked, str(place)) for place in range(5)]
    first = [one.kept(inputs) for one in teachers]
    assert list(bench.answered[inputs]) == ["3", "4"]
    teachers[-1].kept(more)
    assert list(bench.answered[inputs]) == ["4"]
    assert teachers[0].kept(inputs) is first[0]
    again = Taught(bench, teacher_of(IMAGES), asked, "4")
    assert again.kept(inputs) is first[-1]


def test_answers_that_are_too_large_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The size of one sample is that of one, also if there are no more."""
    bench, asked = Workbench(IMAGES.data, device="cpu"), [Asked(Response(), ())]
    known = Taught(bench, teacher_of(IMAGES), asked, "")
    one, two = torch.zeros(1, *IMAGES.shape), torch.zeros(2, *IMAGES.shape)
    monkeypatch.setattr(taught, "KEPT", 12)
    assert known.kept(one) is not None
    assert known.kept(two) is None
