"""The exported source: it does not depend on Archwright, and its logits are those of the network, bit for bit."""

import ast
import contextlib
import dataclasses
import subprocess
import sys
from collections.abc import Sequence
from math import prod
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from nas.errors import ShapeError, UsageError
from nas.model import Network, model_source
from nas.model.source import module_source
from nas.ops import (
    MERGES,
    OPS,
    Add,
    AvgPool,
    Concat,
    Conv,
    FactorizedReduce,
    Flatten,
    GlobalAvgPool,
    Identity,
    Linear,
    MBConv,
    Merge,
    Op,
    ReLU,
    Shape,
    Zero,
)
from nas.ops.op import FREE
from nas.space import Architecture, Layer, Space, load_space
from nas.tasks import Classification, Multilabel
from tests.model.layers import ARGUMENTS, RANKS, SPATIAL, chain

DIGITS = Path(__file__).parents[2] / "search_spaces" / "digits_cnn.yaml"
CLASSES = tuple("0123456789")


def _network(arch: Architecture, *, seed: int = 0) -> Network:
    """A network whose weights and running statistics are none of those that a new module has."""
    generator = torch.Generator().manual_seed(seed)
    moments = (arch.input[0], *[1] * (len(arch.input) - 1))
    network = Network(arch, mean=np.full(moments, 7.75), std=np.full(moments, 4.5))
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if value.is_floating_point() and name not in ("mean", "std"):
                low = 0.5 if name.endswith("running_var") else -0.5
                value.uniform_(low, 1, generator=generator)
    return network.eval()


def _module(source: str) -> ModuleType:
    module = ModuleType("model")
    exec(compile(source, "model.py", "exec"), module.__dict__)
    return module


def _check(network: Network, folder: Path, *, title: str = "test", classes: Sequence[str] = CLASSES) -> str:
    """Writes, reads and runs the source; returns it."""
    source = model_source(network, task=Classification(tuple(classes)), title=title)
    imported: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(str(node.module))
    assert {name.partition(".")[0] for name in imported} == {"json", "pathlib", "torch", "typing"}
    module = _module(source)
    assert tuple(classes) == module.CLASSES
    save_file(network.state_dict(), folder / "model.safetensors")
    model = module.load(folder / "model.safetensors")
    assert not model.training
    assert model.state_dict().keys() == network.state_dict().keys()
    x = torch.randint(0, 17, (5, *network.arch.input), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        for samples in (x.to(torch.uint8), x.float(), x.double()):
            assert torch.equal(model(samples), network(samples))
    return source


@pytest.fixture(scope="module")
def space() -> Space:
    return load_space(DIGITS)


@pytest.mark.parametrize("seed", range(4))
def test_logits_of_sampled_architectures(space: Space, seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(8):
        _check(_network(space.sample(rng)), tmp_path)


@pytest.mark.parametrize("input", [(8, 7, 9), (8, 10), (8,)], ids=["image", "sequence", "flat"])
@pytest.mark.parametrize("name", OPS)
def test_logits_of_every_op(name: str, input: Shape, tmp_path: Path) -> None:
    fitted = 0
    for arguments in ARGUMENTS.get(name, [{}]):
        op = OPS[name](**arguments)
        try:
            op.shape(input)
        except ShapeError:
            continue
        _check(_network(chain(input, op, op) if op.shape(input) == input else chain(input, op)), tmp_path)
        fitted += 1
    ranks = RANKS.get(name, {2, 3} if name in SPATIAL else {1, 2, 3})
    assert (fitted > 0) == (len(input) in ranks)


@pytest.mark.parametrize("input", [(8, 7, 9), (8, 10), (8,)], ids=["image", "sequence", "flat"])
def test_logits_of_all_ops_in_one_file(input: Shape, tmp_path: Path) -> None:
    # Every pair of ops is in one of these files: no class of one takes the name of a class of another.
    layers: list[Layer] = []
    flat: list[int] = []
    for name, cls in OPS.items():
        for arguments in ARGUMENTS.get(name, [{}]):
            op = cls(**arguments)
            with contextlib.suppress(ShapeError):
                output = op.shape(input)
                layers.append(Layer(op, (0,), output, op.cost(input)))
                layers.append(Layer(Flatten(), (len(layers),), (prod(output),), FREE))
                flat.append(len(layers))
    width = sum(layers[place - 1].output[0] for place in flat)
    layers.append(Layer(Concat(), tuple(flat), (width,), FREE))
    _check(_network(Architecture((), tuple(layers), input)), tmp_path)


def test_many_values_at_a_time(tmp_path: Path) -> None:
    branches = [Layer(ReLU(), (0,), (1,), FREE) for _ in range(1_100)]
    joined = Layer(Concat(), tuple(range(1, 1_101)), (1_100,), FREE)
    _check(_network(Architecture((), (*branches, joined), (1,))), tmp_path)


def test_every_op_with_arguments_has_a_case() -> None:
    assert set(ARGUMENTS) == {name for name, op in OPS.items() if dataclasses.fields(op)}


def _merged() -> Architecture:
    """Values that are needed long after they were made, and one that goes into two sums."""
    shape = (4, 6, 6)
    layers: list[Layer] = []

    def layer(op: Op | Merge, *inputs: int, output: Shape = shape) -> int:
        cost = op.cost(shape) if isinstance(op, Op) else FREE
        layers.append(Layer(op, inputs, output, cost))
        return len(layers)

    first = layer(Conv(4), 0)
    second = layer(ReLU(), first)
    third = layer(Conv(4), second)
    fourth = layer(Conv(4), 0)
    fifth = layer(Add(), first, third, fourth)
    sixth = layer(Add(), fifth, second)
    seventh = layer(Conv(4), sixth)
    eighth = layer(Add(), 0, seventh)
    ninth = layer(GlobalAvgPool(), eighth, output=(4,))
    layers.append(Layer(Linear(3), (ninth,), (3,), Linear(3).cost((4,))))
    return Architecture((), tuple(layers), shape)


def test_variables_are_kept_as_long_as_they_are_needed(tmp_path: Path) -> None:
    source = _check(_network(_merged()), tmp_path, classes=("a", "b", "c"))
    assert "x = x + y" in source


def test_values_of_every_merge(tmp_path: Path) -> None:
    shape = (4, 6, 6)
    convs = [Layer(Conv(4), (0,), shape, Conv(4).cost(shape)) for _ in range(3)]
    for merge in MERGES.values():
        output = merge().shape([shape, shape, shape])
        joined = Layer(merge(), (3, 1, 2), output, FREE)
        last = Layer(GlobalAvgPool(), (4,), output[:1], FREE)
        network = _network(Architecture((), (*convs, joined, last), shape))
        source = _check(network, tmp_path, classes=[str(number) for number in range(output[0])])
        assert f"= {merge().source(['x', 'y', 'z'])}" in source


def test_layers_that_nothing_reads_are_in_the_weights_and_not_in_forward(tmp_path: Path) -> None:
    shape = (4, 6, 6)
    conv = Conv(4).cost(shape)
    layers = (
        Layer(Conv(4), (0,), shape, conv),
        Layer(Conv(4), (1,), shape, conv),  # read by a dead layer alone
        Layer(ReLU(), (2,), shape, FREE),  # dead
        Layer(Conv(4), (1,), shape, conv),
        Layer(Add(), (2, 1), shape, FREE),  # dead
        Layer(Concat(), (4, 1), (8, 6, 6), FREE),
        Layer(GlobalAvgPool(), (6,), (8,), FREE),
        Layer(ReLU(), (6,), (8, 6, 6), FREE),  # dead, after the output's last layer but one
        Layer(Linear(3), (7,), (3,), Linear(3).cost((8,))),
    )
    network = _network(Architecture((), layers, shape))
    source = _check(network, tmp_path, classes=("a", "b", "c"))
    steps = source.partition("# (N, 4, 6, 6)\n")[2].partition("\n\n")[0]
    assert [line.strip() for line in steps.splitlines()] == [
        "x = self.conv1(x)",
        "y = self.conv3(x)",
        "x = torch.cat((y, x), dim=1)  # (N, 8, 6, 6)",
        "x = self.global_avg_pool1(x)  # (N, 8)",
        "x = self.linear1(x)  # (N, 3)",
        "return x",
    ]


def test_many_values_that_nothing_reads(tmp_path: Path) -> None:
    dead = [Layer(ReLU(), (0,), (4,), FREE) for _ in range(1_100)]
    last = Layer(Linear(2), (0,), (2,), Linear(2).cost((4,)))
    _check(_network(Architecture((), (*dead, last), (4,))), tmp_path, classes=("a", "b"))


def test_a_network_without_layers(tmp_path: Path) -> None:
    _check(_network(Architecture((), (), (4,))), tmp_path, classes=tuple("abcd"))
    _check(_network(chain((4,), Identity())), tmp_path, classes=tuple("abcd"))


@pytest.mark.parametrize(
    "title",
    [
        'say "hello"',
        '"""',
        'ends with a quote"',
        "ends with a backslash\\",
        "C:\\new\\table \\x \\N{BULLET} \\u12",
        "it's {braces} and {0} and %s",
        '\\"""; import os #',
        "two\nlines",
        "ünïcödé 🙂",
        "",
    ],
)
def test_titles_and_classes_with_quotes_and_backslashes(title: str, tmp_path: Path) -> None:
    network = _network(chain((4,), Linear(2)))
    source = _check(network, tmp_path, title=title, classes=(title, "b'\"\\\n{}"))
    documentation = ast.get_docstring(ast.parse(source), clean=False)
    assert documentation is not None
    # Quotes are changed, so that none can end the docstring; all else comes through as it is.
    assert documentation.startswith(title.replace('"', "'") + "\n\nInput: (N, 4), ")
    plain = _check(network, tmp_path, title="plain", classes=("a", "b"))
    assert len(ast.parse(source).body) == len(ast.parse(plain).body), "a title has become code"


def test_the_text_says_what_is_worth_knowing(space: Space) -> None:
    arch = space.sample(np.random.default_rng(0))
    source = model_source(_network(arch), task=Classification(CLASSES), title="digits")
    assert source.startswith('"""digits\n\nInput: (N, 1, 8, 8), ')
    assert f"\n{arch.params:,} parameters, {arch.macs:,} multiply-accumulates a sample.\n" in source
    assert "\nOutput: (N, 10), one logit for each of CLASSES.\n" in source
    assert source.endswith("\n")


def test_golden_source() -> None:
    # The whole of what a reader of `model.py` sees of a small network. Change it when the template changes on purpose.
    network = Network(chain((1, 4, 4), Conv(2, 3, 2, bias=False), ReLU(), Flatten(), Linear(2)))
    source = model_source(network, task=Classification(("cat", "dog")), title="pets")
    assert (
        source.partition("CLASSES = ")[2].partition("\n\n\ndef batch")[0]
        == """\
("cat", "dog")
SHAPES = ((1, 4, 4), (4, 4, 1), (4, 4))  # of a sample: channels first, or as it may be stored


class Model(nn.Module):
    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(()))
        self.register_buffer("std", torch.ones(()))
        self.conv1 = nn.Conv2d(1, 2, kernel_size=3, stride=2, padding=1, bias=False)
        self.relu1 = nn.ReLU()
        self.flatten1 = nn.Flatten()
        self.linear1 = nn.Linear(in_features=8, out_features=2)

    def forward(self, x: Tensor) -> Tensor:
        x = (x.to(self.mean.dtype) - self.mean) / self.std  # (N, 1, 4, 4)
        x = self.conv1(x)  # (N, 2, 2, 2)
        x = self.relu1(x)
        x = self.flatten1(x)  # (N, 8)
        x = self.linear1(x)  # (N, 2)
        return x

    @torch.inference_mode()
    def predict(self, samples: Any) -> tuple[list[str], Tensor]:
        \"\"\"The classes (N,) and the probabilities (N, K) of all CLASSES.

        Samples are an array or a tensor, or a list of these, as `batch` takes them.
        \"\"\"
        outputs: Tensor = self(batch(samples).to(self.mean.device))
        probabilities = outputs.double().softmax(dim=1)
        return [CLASSES[place] for place in outputs.argmax(dim=1)], probabilities"""
    )


def test_samples_come_in_any_order_of_axes(tmp_path: Path) -> None:
    """Channels last, without the axis of one channel, or a single sample: the predictions are the same."""
    shapes: tuple[Shape, ...] = ((1, 5, 4), (3, 5, 4), (2, 6), (1, 6), (7,))
    for shape in shapes:
        network = _network(chain(shape, *([Flatten()] if len(shape) > 1 else []), Linear(3)))
        source = _check(network, tmp_path, classes="abc")
        model = _module(source).load(tmp_path / "model.safetensors")
        x = np.random.default_rng(0).integers(0, 9, (4, *shape)).astype(np.uint8)
        labels, probabilities = model.predict(x)
        assert labels == ["abc"[place] for place in probabilities.argmax(dim=1)]
        assert torch.allclose(probabilities.sum(dim=1), torch.ones(4, dtype=torch.float64))
        forms: list[Any] = [x.astype(np.float64), torch.from_numpy(x), np.moveaxis(x, 1, -1)]
        for form in [*forms, x[:, 0]] if shape[0] == 1 else forms:
            assert torch.equal(model.predict(form)[1], probabilities)
            assert torch.allclose(model.predict(form[0])[1], probabilities[:1])
            assert torch.equal(model.predict(list(form))[1], probabilities)
        with pytest.raises(ValueError, match="expected samples of "):
            model.predict(np.zeros((4, 2, 2, 2, 2)))


def test_samples_come_in_any_form_of_numbers(tmp_path: Path) -> None:
    """Views that run backwards, such as images of which the channels were reversed, and bytes in another order."""
    network = _network(chain((3, 5, 4), Flatten(), Linear(3)))
    source = _check(network, tmp_path, classes="abc")
    model = _module(source).load(tmp_path / "model.safetensors")
    x = np.random.default_rng(0).integers(0, 9, (4, 3, 5, 4)).astype(np.uint8)
    _, expected = model.predict(x)
    reversed_channels = np.ascontiguousarray(x[:, ::-1])[:, ::-1]
    numbers: list[Any] = [x.astype(form) for form in (">f4", ">i2", "f2", "u2", "u8", ">f8")]
    for form in [*numbers, reversed_channels, np.asfortranarray(x), x.tolist(), torch.from_numpy(x).half()]:
        assert torch.equal(model.predict(form)[1], expected)
    assert torch.equal(model.predict(x[::-1])[1], expected.flip(0))
    labels, probabilities = model.predict(x[:0])
    assert labels == []
    assert probabilities.shape == (0, 3)


@pytest.mark.parametrize("name", ["digits_cnn", "textcnn", "text_lstm", "vit_tiny", "tabular_resnet", "sound_cnn"])
def test_the_source_is_formatted(name: str, tmp_path: Path) -> None:
    """As Ruff formats it with lines of 120 characters; and nothing is unused."""
    space = load_space(DIGITS.with_name(f"{name}.yaml"))
    for seed in range(3):
        network = _network(space.sample(np.random.default_rng(seed)))
        names = tuple(f"it's {place}" for place in range(network.arch.output[0]))
        source = model_source(network, task=Multilabel(names), title=name, about=["One sentence.", "word " * 40])
        (tmp_path / f"{name}{seed}.py").write_text(source, encoding="utf-8")
    for command in (["format", "--diff"], ["check", "--select", "E,F,I,B"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--line-length", "120", str(tmp_path)]
        done = subprocess.run(ruff, capture_output=True, text=True, timeout=1200, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_golden_source_of_blocks() -> None:
    network = Network(chain((4, 8), FactorizedReduce(8), MBConv(8, expansion=1), AvgPool(3, 1, 1, False), Zero(2)))
    source = model_source(network, task=Classification(("cat", "dog")), title="pets")
    assert (
        source.partition("from typing import Any")[2].partition(
            "\n\n    def forward(self, x: Tensor) -> Tensor:\n        x = ("
        )[0]
        == """

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CLASSES = ("cat", "dog")
SHAPES = ((4, 8), (8, 4))  # of a sample: channels first, or as it may be stored


class TwoPhases(nn.Module):
    \"""The channels of `even`, then those of `odd`, which reads the map shifted by one position along each axis.\"""

    def __init__(self, even: nn.Module, odd: nn.Module) -> None:
        super().__init__()
        self.even = even
        self.odd = odd

    def forward(self, x: Tensor) -> Tensor:
        moved = F.pad(x, (-1, 1) * (x.dim() - 2))
        return torch.cat((self.even(x), self.odd(moved)), dim=1)


class Residual(nn.Module):
    \"""The output of `body` plus the input, or plus the output of `shortcut`.\"""

    def __init__(self, body: nn.Module, shortcut: nn.Module | None = None) -> None:
        super().__init__()
        self.body = body
        self.shortcut = nn.Identity() if shortcut is None else shortcut

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.shortcut(x) + self.body(x)
        return y


class Zero(nn.Module):
    \"""Zeros, one for every `stride`-th position of a map.\"""

    def __init__(self, stride: int = 1) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        places = [slice(None)] * 2 + [slice(None, None, self.stride)] * (x.dim() - 2)
        return torch.zeros_like(x[tuple(places)])


class Model(nn.Module):
    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(()))
        self.register_buffer("std", torch.ones(()))
        self.factorized_reduce1 = nn.Sequential(
            nn.ReLU(),
            TwoPhases(
                even=nn.Conv1d(4, 4, kernel_size=1, stride=2, bias=False),
                odd=nn.Conv1d(4, 4, kernel_size=1, stride=2, bias=False),
            ),
            nn.BatchNorm1d(8),
        )
        self.mbconv1 = Residual(
            body=nn.Sequential(
                nn.Conv1d(8, 8, kernel_size=3, padding=1, groups=8, bias=False),
                nn.BatchNorm1d(8),
                nn.ReLU6(),
                nn.Conv1d(8, 8, kernel_size=1, bias=False),
                nn.BatchNorm1d(8),
            ),
        )
        self.avg_pool1 = nn.AvgPool1d(kernel_size=3, stride=1, padding=1, count_include_pad=False)
        self.zero1 = Zero(stride=2)"""
    )


class _Own(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x


class _OwnOp(Op):
    name: ClassVar[str] = "own"

    def shape(self, input: Shape) -> Shape:
        return input

    def cost(self, input: Shape) -> Any:
        return FREE

    def module(self, input: Shape) -> nn.Module:
        return nn.Sequential(nn.ReLU(), _Own())


def test_modules_that_are_none_of_torch_are_refused() -> None:
    # The second has the name of a class of torch.nn and is none.
    for module in (_Own(), type("ReLU", (nn.ReLU,), {})(), nn.Sequential(nn.ReLU(), _Own())):
        with pytest.raises(UsageError, match=r"is not a class of torch\.nn, so it cannot be written as plain PyTorch"):
            module_source(module)
    with pytest.raises(UsageError, match=r"_Own is not a class of torch\.nn"):
        model_source(Network(chain((4,), _OwnOp())), task=Classification(("a", "b")), title="own")
    for printed in (nn.ModuleList([nn.ReLU()]), nn.MultiheadAttention(4, 2)):
        with pytest.raises(UsageError, match=f"PyTorch prints {type(printed).__name__} in a form that is not a call"):
            module_source(printed)


class _Scaled(nn.Module):
    """A module of a user's own that says how it was made."""

    def __init__(self, factor: object, inner: nn.Module) -> None:
        super().__init__()
        self.factor = factor
        self.inner = inner
        self.arguments = {"factor": factor, "inner": inner}

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.inner(x) * self.factor
        return y


class _ScaledOp(_OwnOp):
    def module(self, input: Shape) -> nn.Module:
        return _Scaled(0.1 + 0.2, _Scaled(2, nn.Linear(input[0], input[0])))


def test_a_module_of_the_users_own_is_copied(tmp_path: Path) -> None:
    source = _check(_network(chain((4,), _ScaledOp(), _ScaledOp())), tmp_path, classes=tuple("abcd"))
    assert source.count("class _Scaled(nn.Module):") == 1
    assert "arguments" not in source
    inner = "_Scaled(factor=2, inner=nn.Linear(in_features=4, out_features=4))"
    assert module_source(_ScaledOp().module((4,))) == (
        f"_Scaled(\n    factor=0.30000000000000004,\n    inner={inner},\n)"
    )


@pytest.mark.parametrize("value", [torch.float32, float("inf"), nn.ReLU])
def test_arguments_are_plain_data_or_modules(value: object) -> None:
    with pytest.raises(UsageError, match="factor of _Scaled is neither plain data nor a module: "):
        module_source(_Scaled(value, nn.ReLU()))


PREDICT = """
import sys
sys.modules["nas"] = None  # from here on, `import nas` raises ModuleNotFoundError
sys.path.insert(0, sys.argv[1])
import model, torch
network = model.load(sys.argv[1] + "/model.safetensors")
x = torch.arange(5 * 64).remainder(17).reshape(5, 1, 8, 8)
with torch.no_grad():
    print(network(x).view(torch.int32).flatten().tolist())
print(any(name.startswith("nas.") for name in sys.modules))
"""


def test_it_runs_where_there_is_no_archwright(space: Space, tmp_path: Path) -> None:
    network = _network(space.sample(np.random.default_rng(5)))
    _check(network, tmp_path)
    (tmp_path / "model.py").write_text(
        model_source(network, task=Classification(CLASSES), title="alone"), encoding="utf-8"
    )
    command = [sys.executable, "-I", "-c", PREDICT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=True, cwd=tmp_path)
    with torch.no_grad():
        logits = network(torch.arange(5 * 64).remainder(17).reshape(5, 1, 8, 8))
    # Bits, not decimals.
    assert done.stdout.splitlines() == [str(logits.view(torch.int32).flatten().tolist()), "False"]
