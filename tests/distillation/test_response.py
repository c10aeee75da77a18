"""Responses: the mean of the divergences of a batch."""

import pytest
import torch

from nas.distillation import Response
from nas.distillation.kind import Answers, Lesson, StudentBatch
from nas.errors import UsageError
from nas.tasks import Classification, Regression

CLASSES = Classification(("a", "b", "c"))


def test_its_loss() -> None:
    """That of torch's own divergence, times the square of the temperature."""
    own, theirs = (torch.randn(4, 3, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
    lesson = Lesson(CLASSES, 4, lambda: torch.nn.Identity())
    batch = StudentBatch(own, torch.zeros(4), torch.arange(4), lambda outputs: outputs.mean())
    found = Response(temperature=2).loss(Answers(own), Answers(theirs), batch, None, lesson)
    expected = 4 * torch.nn.functional.kl_div(
        (own / 2).log_softmax(1), (theirs / 2).log_softmax(1), reduction="batchmean", log_target=True
    )
    torch.testing.assert_close(found, expected)


def test_values_have_no_temperature() -> None:
    Response().check(Regression(("y",), (0.0,), (1.0,)))
    with pytest.raises(UsageError, match=r"response\.temperature: values have no temperature; expected 1, got 2"):
        Response(temperature=2).check(Regression(("y",), (0.0,), (1.0,)))
