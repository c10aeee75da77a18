"""Optimizers are torch's own, bit for bit, and what a scaler of gradients tells them."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from nas.descent import ADAM, ADAMW, Descent, Rule, momentum_rule

RULES = {"adam": ADAM, "adamw": ADAMW, "sgd": momentum_rule(0.9), "sgd without momentum": momentum_rule(0.0)}


def _theirs(name: str, weights: Sequence[nn.Parameter], rest: Sequence[nn.Parameter]) -> torch.optim.Optimizer:
    """Torch's own, with weight decay on some parameters."""
    groups = [{"params": weights, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}]
    if name == "adam":
        return torch.optim.Adam(groups, lr=1.0, fused=True)
    if name == "adamw":
        return torch.optim.AdamW(groups, lr=1.0, fused=True)
    momentum = 0.9 if name == "sgd" else 0.0
    return torch.optim.SGD(groups, lr=1.0, momentum=momentum, nesterov=momentum > 0, fused=True)


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("name", RULES)
def test_steps_are_those_of_torch_bit_for_bit(name: str, memory_format: torch.memory_format) -> None:
    """With gradients that are clipped in some steps, and a layer that has none at first, with which torch's fused SGD
    fails."""

    def network() -> nn.Sequential:
        torch.manual_seed(0)
        layers = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.Conv2d(5, 4, 3), nn.Linear(7, 3))
        layers.to(memory_format=memory_format)  # type: ignore[call-overload]
        return layers

    with torch.random.fork_rng():
        ours, theirs = network(), network()
        batches = torch.randn(6, 8, 3, 6, 6)
    weights = [one for one in ours.parameters() if one.ndim > 1]
    optimizer = Descent(ours.parameters(), RULES[name], decay=0.01, decayed=weights)
    parts = [[one for one in theirs.parameters() if (one.ndim > 1) is large] for large in (True, False)]
    reference = _theirs(name, *parts)
    for step, batch in enumerate(batches):
        lr = 0.1 / (step + 1)
        for layers in (ours, theirs):
            loss = layers[:3](batch).square().sum() * 10.0 ** (step - 4)
            if step > 2 or name.startswith("sgd"):
                loss = loss + layers[3](batch.flatten()[:7]).sum()
            (optimizer if layers is ours else reference).zero_grad()
            torch.autograd.backward([loss])
        optimizer.clip(0.5)
        nn.utils.clip_grad_norm_(theirs.parameters(), 0.5)
        optimizer.step(torch.tensor(lr, dtype=torch.float64) if step % 2 else lr)
        for group in reference.param_groups:
            group["lr"] = lr
        reference.step()
        for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert torch.equal(one, other)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("unscaled", [True, False])
def test_a_scaler_of_gradients(rule: Rule, unscaled: bool) -> None:
    """A step whose gradients overflow changes nothing; another is the step without a scaler. The host is not asked."""
    parameter = nn.Parameter(torch.ones(3))
    optimizer = Descent([parameter], rule)
    scaler = torch.amp.GradScaler("cpu", init_scale=64.0)

    def step(loss: Tensor) -> None:
        optimizer.zero_grad()
        torch.autograd.backward([scaler.scale(loss)])
        if unscaled:
            scaler.unscale_(optimizer)  # type: ignore[arg-type]  # it reads `param_groups`
        scaler.step(optimizer, 0.1)  # type: ignore[arg-type]  # it calls `step`
        scaler.update()

    step((parameter * torch.inf).sum())
    assert parameter.tolist() == [1.0] * 3
    assert all(not one.any() for one in optimizer.state().values())
    assert scaler.get_scale() == 32.0
    step((parameter * torch.tensor([1.0, 2.0, 3.0])).sum())
    alone = nn.Parameter(torch.ones(3))
    reference = Descent([alone], rule)
    torch.autograd.backward([(alone * torch.tensor([1.0, 2.0, 3.0])).sum()])
    reference.step(0.1)
    assert torch.equal(parameter, alone)
    assert parameter.tolist() != [1.0] * 3


def test_there_must_be_parameters() -> None:
    with pytest.raises(ValueError, match=r"^the network has no parameters to train$"):
        Descent([], ADAM)


def test_a_parameter_is_in_one_group() -> None:
    weight, bias = nn.Parameter(torch.ones(2, 2)), nn.Parameter(torch.ones(2))
    optimizer = Descent([bias, weight], ADAMW, decay=0.3, decayed=[weight])
    assert [(group.parameters, group.decay) for group in optimizer.groups] == [([weight], 0.3), ([bias], 0.0)]
    assert [one["params"] for one in optimizer.param_groups] == [[weight], [bias]]
    assert sorted(optimizer.state()) == [f"{g}.{name}.0" for g in (0, 1) for name in ("exp_avg", "exp_avg_sq", "step")]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_some_parameters_at_a_fraction_of_the_rate(rule: Rule) -> None:
    """They are updated as with an optimizer of their own at that rate, and the others as before."""

    def parameters() -> list[nn.Parameter]:
        return [nn.Parameter(torch.full((2,), float(value))) for value in range(4)]

    def step(optimizer: Descent, lr: float) -> None:
        optimizer.zero_grad()
        torch.autograd.backward([torch.stack([one.square().sum() for one in optimizer.parameters]).sum()])
        optimizer.step(lr)

    together, apart = parameters(), parameters()
    optimizer = Descent(together, rule, decay=0.1, decayed=together[:2])
    optimizer.slow([together[0], together[3]], 0.25)
    fast = Descent(apart[1:3], rule, decay=0.1, decayed=apart[1:2])
    slow = Descent([apart[0], apart[3]], rule, decay=0.1, decayed=apart[:1])
    for _ in range(3):
        step(optimizer, 0.125)
        step(fast, 0.125)
        step(slow, 0.03125)
    for one, other in zip(together, apart, strict=True):
        assert torch.equal(one, other)
    assert sum(len(group["params"]) for group in optimizer.param_groups) == 4
