"""Bodies of sequence models: steps from a state agree with all steps at once; weights follow from a generator."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from nas.controllers.backends.sequence_bodies import Initialise, Recurrent, Transformer, normal, uniform

BODIES: dict[str, Callable[[], nn.Module]] = {
    "recurrent": lambda: Recurrent(width=8, layers=2),
    "transformer": lambda: Transformer(width=8, layers=2, heads=2),
}


@pytest.fixture(params=BODIES)
def body(request: pytest.FixtureRequest) -> nn.Module:
    """Of each kind, with weights so large that each step depends on those before it."""
    made = BODIES[request.param]()
    with torch.no_grad():
        normal(0.5)(made, torch.Generator().manual_seed(0))
    return made


@pytest.fixture
def inputs() -> Tensor:
    """Three architectures of five decisions."""
    return torch.randn(3, 5, 8, generator=torch.Generator().manual_seed(1))


def test_steps_agree_with_all_at_once(body: nn.Module, inputs: Tensor) -> None:
    together, _ = body(inputs, None)
    state, steps = None, []
    for place in range(inputs.shape[1]):
        output, state = body(inputs[:, place : place + 1], state)
        steps.append(output)
    assert together.shape == inputs.shape
    assert torch.allclose(torch.cat(steps, dim=1), together, atol=1e-5)


def test_a_state_can_be_continued_twice(body: nn.Module, inputs: Tensor) -> None:
    _, state = body(inputs[:, :1], None)
    first, _ = body(inputs[:, 1:2], state)
    body(inputs[:, 2:3], state)
    assert torch.equal(body(inputs[:, 1:2], state)[0], first)


def test_no_step_sees_a_later_one(body: nn.Module, inputs: Tensor) -> None:
    before, _ = body(inputs, None)
    changed = inputs.clone()
    changed[:, 3:] += 1
    after, _ = body(changed, None)
    assert torch.allclose(after[:, :3], before[:, :3], atol=1e-6)
    assert not torch.allclose(after[:, 3:], before[:, 3:])


@pytest.mark.parametrize("initialise", [uniform(0.1), normal(0.1)])
def test_weights_follow_from_the_generator(initialise: Initialise) -> None:
    def weights(seed: int) -> Tensor:
        made = BODIES["transformer"]()
        with torch.no_grad():
            initialise(made, torch.Generator().manual_seed(seed))
        return nn.utils.parameters_to_vector(made.parameters())

    assert torch.equal(weights(0), weights(0))
    assert not torch.equal(weights(0), weights(1))


def test_the_range_of_weights() -> None:
    made = BODIES["transformer"]()
    with torch.no_grad():
        uniform(0.1)(made, torch.Generator().manual_seed(0))
        assert all(0 < weight.abs().max() <= 0.1 for weight in made.parameters())
        normal(0.1)(made, torch.Generator().manual_seed(0))
    for module in made.modules():
        if isinstance(module, nn.LayerNorm):
            assert (module.weight == 1).all()
            assert not module.bias.any()
        elif isinstance(module, nn.Linear):
            assert module.weight.std().item() == pytest.approx(0.1, rel=0.2)
            assert not module.bias.any()
