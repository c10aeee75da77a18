"""Zero-cost proxies: each by hand on a small network, and that nothing makes them fail."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nas.data import Dataset, Samples, from_arrays
from nas.errors import UsageError
from nas.evaluate.proxies import PROXIES
from nas.evaluate.zero_cost import grad_norm, jacob_cov, naswot, score, snip, synflow, zico
from nas.model import Network
from nas.ops import Cost
from nas.space import Architecture, parse_space
from nas.tasks import Classification
from nas.tasks.criteria import CrossEntropy
from nas.training.seeding import seeded

NAMES = tuple(name for name in PROXIES if name not in Cost._fields)
CPU = torch.device("cpu")


def _arch(*layers: str, input: str = "[3]") -> Architecture:
    return next(iter(parse_space(f"input: {input}\nlayers: [{', '.join(layers)}]")))


def _network(*layers: str, seed: int = 0, input: str = "[3]") -> Network:
    with seeded(seed, CPU):
        return Network(_arch(*layers, input=input))


def _linears(network: Network) -> list[tuple[Tensor, Tensor]]:
    """Copies of weights and biases, in float64."""
    return [
        (layer.weight.detach().double().clone(), layer.bias.detach().double().clone())
        for layer in network.modules()
        if isinstance(layer, nn.Linear)
    ]


@pytest.fixture
def batch() -> tuple[Tensor, Tensor]:
    rng = np.random.default_rng(0)
    return torch.from_numpy(rng.normal(size=(6, 3)).astype(np.float32)), torch.tensor([0, 1, 0, 1, 1, 0])


def test_synflow_by_hand() -> None:
    network = _network("{linear: {units: 4}}", "relu", "{linear: {units: 2}}")
    (first, bias), (second, _) = _linears(network)
    ones = torch.ones(3, dtype=torch.float64)
    out = second.abs().sum(0)  # ∂R/∂(hidden)
    hidden = first.abs() @ ones + bias.abs()
    expected = float((out * (first.abs() @ ones)).sum() + (second.abs() * hidden).sum())
    assert synflow(network) == pytest.approx(expected, rel=1e-12)


def test_synflow_passes_over_norms_and_dropout() -> None:
    plain = synflow(_network("{linear: {units: 4}}", "relu", "{linear: {units: 2}}"))
    for layer in ("batch_norm", "layer_norm", "{dropout: {p: 0.5}}"):
        assert synflow(_network("{linear: {units: 4}}", layer, "relu", "{linear: {units: 2}}")) == plain


def test_synflow_does_not_overflow() -> None:
    deep = _network("{linear: {units: 300}}", *["{linear: {units: 300}}"] * 50)
    assert 1e38 < synflow(deep) < math.inf  # beyond float32


def test_snip_and_grad_norm_by_hand(batch: tuple[Tensor, Tensor]) -> None:
    inputs, labels = batch
    network = _network("{linear: {units: 2}}")
    ((weight, bias),) = _linears(network)
    x = inputs.double()
    # The gradient of softmax regression: (p - y)ᵀ x / N; biases are no weights.
    errors = torch.softmax(x @ weight.T + bias, 1) - torch.eye(2, dtype=torch.float64)[labels]
    gradient = errors.T @ x / len(x)
    assert grad_norm(network, inputs, labels, CrossEntropy()) == pytest.approx(float(gradient.norm()), rel=1e-5)
    assert snip(network, inputs, labels, CrossEntropy()) == pytest.approx(
        float((weight * gradient).abs().sum()), rel=1e-5
    )


def test_grad_norm_sums_over_layers(batch: tuple[Tensor, Tensor]) -> None:
    inputs, labels = batch
    network = _network("{linear: {units: 4}}", "tanh", "{linear: {units: 2}}")
    nn.functional.cross_entropy(network(inputs), labels).backward()  # type: ignore[no-untyped-call]
    norms = [
        float(layer.weight.grad.norm())
        for layer in network.modules()
        if isinstance(layer, nn.Linear)
        if layer.weight.grad is not None
    ]
    assert len(norms) == 2
    assert grad_norm(network, inputs, labels, CrossEntropy()) == pytest.approx(sum(norms), rel=1e-5)


def test_jacob_cov_of_a_linear_network_by_hand(batch: tuple[Tensor, Tensor]) -> None:
    # All samples have one gradient, so the eigenvalues are N and N - 1 times 0.
    k = 1e-5
    expected = -(math.log(6 + k) + 1 / (6 + k)) - 5 * (math.log(k) + 1 / k)
    assert jacob_cov(_network("{linear: {units: 2}}"), batch[0]) == pytest.approx(expected, rel=1e-4)


def test_jacob_cov_by_finite_differences(batch: tuple[Tensor, Tensor]) -> None:
    inputs = batch[0].double()
    network = _network("{linear: {units: 5}}", "tanh", "{linear: {units: 2}}")
    found = jacob_cov(network, batch[0])
    network.double()
    with torch.no_grad():
        steps = 1e-5 * torch.eye(3, dtype=torch.float64)
        rows = torch.stack([(network(inputs + step) - network(inputs - step)).sum(1) / 2e-5 for step in steps], 1)
    shifted = np.linalg.eigvalsh(np.corrcoef(rows.numpy())).clip(min=0) + 1e-5
    assert found == pytest.approx(-np.sum(np.log(shifted) + 1 / shifted), rel=1e-2)


def test_naswot_by_hand() -> None:
    # Signs of the three units: + + -, + - -, - + +. The first sample agrees with the second in 2 units, with the third
    # in 1; these agree in none.
    inputs = torch.tensor([[1.0, 2.0, -1.0], [3.0, -1.0, -2.0], [-1.0, 1.0, 1.0]])
    network = _network("relu", "{linear: {units: 2}}")
    expected = math.log(np.linalg.det([[3, 2, 1], [2, 3, 0], [1, 0, 3]]))
    assert naswot(network, inputs) == pytest.approx(expected)
    twice = _network("relu", "relu", "{linear: {units: 2}}")  # the second finds the same signs: K is doubled
    assert naswot(twice, inputs) == pytest.approx(expected + 3 * math.log(2))
    assert naswot(_network("tanh", "{linear: {units: 2}}"), inputs) == -math.inf


def test_zico_by_hand(batch: tuple[Tensor, Tensor]) -> None:
    inputs, labels = batch
    network = _network("{linear: {units: 4}}", "tanh", "{linear: {units: 2}}")
    halves = [(inputs[:3], labels[:3]), (inputs[3:], labels[3:])]
    gradients = []
    for x, y in halves:
        network.zero_grad()
        nn.functional.cross_entropy(network(x), y).backward()  # type: ignore[no-untyped-call]
        weights = [layer.weight for layer in network.modules() if isinstance(layer, nn.Linear)]
        gradients.append([weight.grad.double().clone() for weight in weights if weight.grad is not None])
    # Of two values, the mean of the absolute ones over the standard deviation is (|a| + |b|) / |a - b|.
    expected = sum(float(((a.abs() + b.abs()) / (a - b).abs()).sum().log()) for a, b in zip(*gradients, strict=True))
    assert zico(network, halves, CrossEntropy()) == pytest.approx(expected, rel=1e-6)
    assert zico(network, [halves[0], halves[0]], CrossEntropy()) == 0, "nothing varies"


@pytest.mark.parametrize("name", NAMES)
def test_a_score_follows_from_the_seed(name: str, corners: Dataset) -> None:
    arch = _arch("{linear: {units: 300}}", "relu", "{linear: {units: 4}}", input="[2]")
    before = torch.get_rng_state()
    found = [score(name, arch, corners, seed=seed, device="cpu") for seed in (0, 1, 0)]
    assert torch.equal(torch.get_rng_state(), before)
    assert found[0] == found[2] != found[1]
    assert name == "naswot" or all(map(math.isfinite, found))  # two of 64 close points may lie in one linear region


@pytest.mark.parametrize(
    ("name", "expected"),
    [("synflow", [0.0]), ("snip", [0.0]), ("grad_norm", [0.0]), ("zico", [0.0]), ("naswot", None), ("jacob_cov", None)],
)
def test_a_network_without_weights(name: str, expected: Sequence[float] | None) -> None:
    data = from_arrays(np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 2, name="noise")
    found = score(name, _arch("relu", input="[2]"), data, seed=0, device="cpu")
    assert expected is None or found in expected
    assert not math.isnan(found)


@pytest.mark.parametrize("name", NAMES)
def test_a_network_that_lets_nothing_through(name: str) -> None:
    layers = "{conv: {width: 4}}", "relu", "zero", "global_avg_pool", "{linear: {units: 2}}"
    arch = _arch(*layers, input="[1, 4, 4]")
    rng = np.random.default_rng(0)
    data = from_arrays(rng.normal(size=(40, 1, 4, 4)), np.arange(40) % 2, name="noise")
    found = score(name, arch, data, seed=0, device="cpu")
    assert not math.isnan(found)
    assert name != "jacob_cov" or found == -math.inf


@pytest.mark.parametrize("name", NAMES)
def test_token_numbers(name: str) -> None:
    layers = "{embedding: {vocabulary: 7, width: 4}}", "{lstm: {units: 3, output: last}}", "{linear: {units: 2}}"
    data = from_arrays(np.arange(200).reshape(40, 5) % 7, np.arange(40) % 2, name="words")
    if name == "jacob_cov":
        with pytest.raises(UsageError, match="jacob_cov needs inputs with a gradient"):
            score(name, _arch(*layers, input="[5]"), data, seed=0, device="cpu")
        return
    found = score(name, _arch(*layers, input="[5]"), data, seed=0, device="cpu")
    assert found == -math.inf if name == "naswot" else found > 0


def test_without_data() -> None:
    arch = _arch("{linear: {units: 2}}")
    assert score("synflow", arch, None, seed=0, device="cpu") > 0
    with pytest.raises(UsageError, match="the proxy snip needs a data set"):
        score("snip", arch, None, seed=0, device="cpu")


def test_a_network_that_cannot_be_run_is_last() -> None:
    # One value a channel: in training, batch norm refuses a batch of one.
    arch = _arch("{linear: {units: 4}}", "batch_norm", "{linear: {units: 2}}")
    train, val = (Samples(np.zeros((count, 3), np.float32), np.arange(count)) for count in (1, 2))
    lone = Dataset("lone", train, val, None, Classification(("a", "b")))
    assert score("snip", arch, lone, seed=0, device="cpu") == -math.inf
