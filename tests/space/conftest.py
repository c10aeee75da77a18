"""Networks of many shapes, for the tests of drawings; random graphs; what is said about a file that is refused."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from nas.errors import SpecError
from nas.ops import Add, Conv, Cost, Identity, Linear
from nas.ops.op import FREE
from nas.space import Architecture, Layer, Space, load_space, parse_space
from nas.space.network.layer import total
from nas.space.walks.graph import Edge, Graph, State, finish

SPACES = Path(__file__).parents[2] / "search_spaces"

_CELL = """
    share: true
    parameters: {width: }
    cell:
      inputs: 2
      nodes: 4
      reads: 2
      edge:
        choice:
          max_pool_3x3: {max_pool: {kernel: 3, stride: stride, padding: 1}}
          skip_connect: {factorized_reduce: {width: width, stride: stride}}
          sep_conv_3x3: [relu, {separable_conv: {width: width, stride: stride}}, batch_norm]
          dil_conv_5x5: [relu, {separable_conv: {width: width, kernel: 5, stride: stride, dilation: 2}}, batch_norm]
      project: [{factorized_reduce: {width: width, stride: stride}}]
      width: width
      output: concat
"""
TEXTS: Mapping[str, str] = {
    "three": "layers: [flatten, {linear: {units: 32}}, relu, {linear: {units: 10}}]",
    "darts": f"""
define:
  normal: {_CELL}
  reduction: {_CELL}
      stride: 2
layers:
  - conv: {{width: 48}}
  - {{repeat: 3, of: [{{normal: {{width: 16}}}}]}}
  - reduction: {{width: 32}}
  - {{repeat: 3, of: [{{normal: {{width: 32}}}}]}}
  - reduction: {{width: 64}}
  - {{repeat: 3, of: [{{normal: {{width: 64}}}}]}}
  - global_avg_pool
""",
    "residual": """
define:
  block:
    parameters: {width: , stride: 1}
    layers:
      - residual: [{conv: {width: width, stride: stride}}, batch_norm, relu, {conv: {width: width}}, batch_norm]
        project: true
      - relu
layers:
  - {conv: {width: 16}}
  - {repeat: 7, of: [{block: {width: 16}}]}
  - block: {width: 32, stride: 2}
  - {repeat: 5, of: [{block: {width: 32}}]}
  - {repeat: 7, of: [{block: {width: 64}}]}
  - global_avg_pool
""",
    "branches": """
layers:
  - conv: {width: 16}
  - repeat: 2
    of:
      - parallel:
          - [{conv: {width: 16, kernel: 1}}]
          - [{conv: {width: 12, kernel: 1}}, relu, {conv: {width: 16}}]
          - []
          - [{max_pool: {kernel: 3, stride: 1, padding: 1}}, {conv: {width: 16, kernel: 1}}]
        merge: concat
  - parallel:
      - [{residual: [{residual: [{conv: {width: 64}}], project: true}], project: true}]
      - [{parallel: [[], []]}, {conv: {width: 64, kernel: 1}}]
  - parallel: [[], [{conv: {width: 64}}, sigmoid]]
    merge: multiply
  - parallel: [[], []]
  - global_avg_pool
""",
    "tokens": """
input: [64]
layers:
  - embedding: {vocabulary: 20000, width: 64, position: learned}
  - {repeat: 4, of: [{transformer_block: {heads: 2}}]}
  - lstm: {units: 32, bidirectional: true}
  - layer_norm: {over: channels}
""",
}


def _long(count: int) -> dict[str, object]:
    """A network without repeats."""
    layers: list[object] = []
    for number in range(count // 3):
        layers += [{"conv": {"width": 8 + number, "kernel": (1, 3, 5)[number % 3]}}, "batch_norm", "gelu"]
    return {"input": [3, 8, 8], "layers": layers}


def _tangle() -> Architecture:
    """Blocks that are not branches: the second conv reads the first one, and a sum both of them and the input."""
    shape = (4, 8, 8)
    conv = Conv(4)
    reads = [(0,), (1,), (1, 2), (0,), (3, 4), (5,)]
    ops: list[Conv | Add] = [conv, conv, Add(), conv, Add(), conv]
    blocks = [
        Layer(op, inputs, shape, op.cost(shape) if isinstance(op, Conv) else FREE)
        for op, inputs in zip(ops, reads, strict=True)
    ]
    # A sum that reads into the middle of the other branch.
    blocks[4] = Layer(Add(), (3, 4, 2), shape, FREE)
    return Architecture((), tuple(blocks), shape)


FILES = ("digits_cnn", "nasbench101", "nasbench201", "metaqnn_cifar10")
MADE: Mapping[str, Callable[[], Architecture]] = {
    "long": lambda: load_space(_long(300)).sample(np.random.default_rng(0)),
    "tangle": _tangle,
    "nothing": lambda: Architecture((), (), (4,)),
    "one": lambda: Architecture((), (Layer(Linear(3), (0,), (3,), Linear(3).cost((4,))),), (4,)),
    "identity": lambda: Architecture((), (Layer(Identity(), (0,), (4,), FREE),), (4,)),
}


@cache
def make_network(name: str, seed: int) -> Architecture:
    if name in MADE:
        return MADE[name]()
    return _space(name).sample(np.random.default_rng(seed))


@cache
def _space(name: str) -> Space:
    if name in FILES:
        return load_space(SPACES / f"{name}.yaml")
    return parse_space(TEXTS[name] if "input:" in TEXTS[name] else f"input: [3, 32, 32]\n{TEXTS[name]}")


@pytest.fixture(
    params=[
        *((name, 0) for name in (*TEXTS, *MADE)),
        ("darts", 1),
        *((name, seed) for name in FILES for seed in range(4)),
    ],
    ids=lambda param: f"{param[0]}-{param[1]}",
)
def network(request: pytest.FixtureRequest) -> Architecture:
    """An architecture: chains, branches, cells, with repeats and without."""
    return make_network(*request.param)


@pytest.fixture
def named() -> Callable[..., Architecture]:
    """One of them by its name."""
    return lambda name, seed=0: make_network(name, seed)


@pytest.fixture
def refusal() -> Callable[[str], str]:
    """What is said about a space file named `f`, which must be refused when it is read."""

    def refused(text: str) -> str:
        with pytest.raises(SpecError) as caught:
            parse_space(text, file="f")
        return str(caught.value)

    return refused


@pytest.fixture(scope="session")
def random_graph() -> Callable[[np.random.Generator], Graph]:
    """A few states in layers, with options of small costs, so that many walks cost the same."""

    def make(rng: np.random.Generator) -> Graph:
        states: list[State] = []
        below = [State(size=1)]
        for depth in range(int(rng.integers(3, 6))):
            layer = [State(f"{depth}.{place}", (0, 1, 2)) for place in range(rng.integers(1, 4))]
            for state in layer:
                for value in range(rng.integers(1, 4)):
                    cost = Cost(*(int(rng.choice([0, 1, 2, 7, 20])) for _ in Cost._fields))
                    state.edges.append(Edge(value, (), cost, below[rng.integers(len(below))]))
                finish(state)
            states = [*layer, *states]
            below = [*layer, *(one for one in below if rng.random() < 0.3)]
        return Graph(Edge(None, (), Cost(*(int(rng.integers(4)) for _ in Cost._fields)), states[0]), tuple(states), ())

    return make


@pytest.fixture(scope="session")
def costs_below() -> Callable[[State], list[Cost]]:
    """What each way from a state to the end costs."""

    def find(state: State) -> list[Cost]:
        if not state.name:
            return [FREE]
        return [total((edge.cost, cost)) for edge in state.edges for cost in find(edge.state)]

    return find
