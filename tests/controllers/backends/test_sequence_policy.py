"""Models of sequences: that they are distributions, that a step and a batch agree, and that learning is learning."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
import torch

from nas.controllers.backends.sequence_bodies import Recurrent, Transformer, normal, uniform
from nas.controllers.backends.sequence_policy import Policy, column
from nas.errors import IntegrityError
from nas.space import Space, parse_space

# Architectures of different lengths, with options that are not always legal.
TEXT = """
    input: [1, 8, 8]
    limits: {params: 200}
    outputs: 2
    layers:
      - repeat: {choice: [1, 2]}
        of: [{conv: {width: {choice: [2, 4, 6]}}}, {choice: [max_pool, relu]}]
      - choice: [flatten, global_avg_pool]
      - linear: {units: outputs}"""


@pytest.fixture(scope="module")
def space() -> Space:
    return parse_space(TEXT)


def _recurrent(space: Space, seed: int = 0, tanh_constant: float | None = None) -> Policy:
    return Policy(
        space,
        lambda: Recurrent(width=8, layers=2),
        uniform(1.0),
        seed=seed,
        width=8,
        lr=0.01,
        tanh_constant=tanh_constant,
        temperature=0.5,
    )


def _transformer(space: Space, seed: int = 0) -> Policy:
    body = lambda: Transformer(width=8, layers=2, heads=2)  # noqa: E731
    return Policy(space, body, normal(0.5), seed=seed, width=8, lr=0.01)


POLICIES: dict[str, Callable[[Space], Policy]] = {
    "recurrent": _recurrent,
    "bounded": lambda space: _recurrent(space, tanh_constant=2.0),
    "transformer": _transformer,
}


@pytest.fixture(params=POLICIES)
def policy(request: pytest.FixtureRequest, space: Space) -> Policy:
    """Of each kind, with weights so large that it is far from uniform."""
    return POLICIES[request.param](space)


def test_the_likelihoods_of_all_members_sum_to_one(policy: Policy) -> None:
    p = [np.exp(policy.log_probability(arch)) for arch in policy.space]
    assert len(p) == policy.space.size
    assert sum(p) == pytest.approx(1, abs=1e-4)
    assert max(p) > 3 / len(p)


def test_the_values_multiply_to_the_likelihood(policy: Policy) -> None:
    for seed in range(5):
        arch = policy.space.sample(np.random.default_rng(seed))
        p = 1.0
        for place, choice in enumerate(policy.space.choices_of(arch)):
            values = policy.values(choice, arch.choices[:place])
            assert len(values) == len(choice.options)
            assert sum(values) == pytest.approx(1)
            p *= values[choice.options.index(arch.choices[place][1])]
        assert np.log(p) == pytest.approx(policy.log_probability(arch), abs=1e-4)


def test_it_draws_what_is_likely(policy: Policy) -> None:
    """Steps with a state must agree with the batch that says how likely a whole architecture is.

    1,000 draws: a frequency is off by more than 5 deviations with a chance below 1e-6 each.
    """
    rng = np.random.default_rng(0)
    drawn = Counter(policy.draw(rng).choices for _ in range(1000))
    for arch in policy.space:
        p = np.exp(policy.log_probability(arch))
        assert abs(drawn[arch.choices] / 1000 - p) < 5 * np.sqrt(p * (1 - p) / 1000) + 2e-3


def test_a_temperature_makes_it_flatter(policy: Policy) -> None:
    def distinct(temperature: float) -> int:
        rng = np.random.default_rng(0)
        return len({policy.draw(rng, temperature=temperature).choices for _ in range(60)})

    assert distinct(0.1) < distinct(1.0) < distinct(30.0)


def test_shorter_sentences_are_filled_up_with_nothing(policy: Policy) -> None:
    archs = sorted(policy.space, key=lambda arch: len(arch.choices))
    some = [archs[0], archs[-1]]
    assert len(some[0].choices) < len(some[1].choices)
    log_p = policy.log_probabilities([policy.sentence(arch) for arch in some])
    for arch, row in zip(some, log_p, strict=True):
        assert float(row.sum()) == pytest.approx(policy.log_probability(arch), abs=1e-4)
        assert not row[len(arch.choices) :].any()


def test_the_entropy_is_that_of_the_distributions(policy: Policy) -> None:
    arch = policy.space.sample(np.random.default_rng(0))
    found: list[float] = []

    def loss(log_p: torch.Tensor, entropy: torch.Tensor) -> torch.Tensor:
        found.extend(entropy[0].tolist())
        return log_p.sum() * 0

    choices = policy.space.choices_of(arch)
    p = [np.array(policy.values(choice, arch.choices[:place])) for place, choice in enumerate(choices)]
    policy.learn([policy.sentence(arch)], loss)
    assert found == pytest.approx([float(-(row * np.log(row)).sum()) for row in p], abs=1e-4)


def test_learning_makes_more_likely_what_the_loss_wants(policy: Policy) -> None:
    arch = policy.space.sample(np.random.default_rng(1))
    before = policy.log_probability(arch)
    policy.draw(np.random.default_rng(0))  # what is remembered of the beginnings must go
    policy.learn([policy.sentence(arch)], lambda log_p, _: -log_p.sum(), steps=40)
    assert policy.log_probability(arch) > max(before, np.log(0.5))
    drawn = [policy.draw(np.random.default_rng(seed)).choices for seed in range(20)]
    # With p above 0.5 it is never drawn in 20 with a chance below 1e-6.
    assert arch.choices in drawn


def test_weights_follow_from_the_seed(space: Space) -> None:
    arch = space.sample(np.random.default_rng(0))
    for make in (_recurrent, _transformer):
        assert make(space, 1).log_probability(arch) == make(space, 1).log_probability(arch)
        assert make(space, 1).log_probability(arch) != make(space, 2).log_probability(arch)


def test_a_space_without_decisions() -> None:
    policy = _transformer(parse_space("input: [4]\nlayers: [relu]"))
    arch = policy.draw(np.random.default_rng(0))
    assert policy.log_probability(arch) == 0
    policy.learn([policy.sentence(arch)], lambda log_p, _: -log_p.sum())


def test_weights_of_another_model_are_refused(space: Space) -> None:
    with pytest.raises(IntegrityError, match=r"^these weights do not fit the model: "):
        _transformer(space).set_weights(_recurrent(space).model.state_dict())


def test_a_column() -> None:
    assert column([1.0, 2.0]).tolist() == [[1.0], [2.0]]
