import numpy as np
import torch

from nas.distillation import Hints
from nas.distillation.matching import Projection
from tests.distillation.lessons import drawn, lesson_of, loss_of


def test_it_is_the_formula() -> None:
    own, theirs = [drawn(3, 4, 6, 5), drawn(3, 2)], [drawn(3, 2, 6, 5, seed=1), drawn(3, 2, seed=2) * 7]
    parts = Hints().parts(lesson_of(own, theirs))
    project = parts.get_submodule("0")
    assert isinstance(project, Projection)
    weight, bias = project.linear.weight.detach().numpy(), project.linear.bias.detach().numpy()
    mapped = np.einsum("oc,nchw->nohw", weight, own[0].numpy()) + bias[:, None, None]
    pairs = [(mapped, theirs[0].numpy()), (own[1].numpy(), theirs[1].numpy())]
    expected = np.mean([np.mean((one - other) ** 2) / np.mean(other**2) for one, other in pairs])
    np.testing.assert_allclose(loss_of(Hints(), own, theirs, parts=parts).item(), expected, rtol=1e-5)


def test_units_of_features_do_not_matter() -> None:
    own, theirs = drawn(5, 3, 4), drawn(5, 3, 4, seed=1)
    known = loss_of(Hints(), [own], [theirs])
    torch.testing.assert_close(loss_of(Hints(), [own * 100], [theirs * 100]), known)
    assert loss_of(Hints(), [theirs], [theirs]).item() == 0
    torch.testing.assert_close(loss_of(Hints(), [own * 0], [theirs]), torch.tensor(1.0))


def test_a_teacher_without_activity_has_finite_gradients() -> None:
    own = drawn(1, 3, 4).requires_grad_()
    loss = loss_of(Hints(), [own], [torch.zeros(1, 3, 2)])
    torch.autograd.backward([loss])
    assert own.grad is not None
    assert 0 < own.grad.abs().max() < 1
