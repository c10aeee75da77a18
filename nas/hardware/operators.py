"""Tables of the latencies of layers: their sum estimates the latency of a network without building it.

The estimate of FBNet (Wu et al., CVPR 2019, section 3.2) and ProxylessNAS (Cai, Zhu & Han, ICLR 2019): layers are timed
one by one, on the device that matters, and a network takes as long as its layers do. A layer in a network takes longer
than by itself: a table has the typical overhead of a layer, and says how far its estimates are off on other networks.
Importing this does not load torch.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nas.arguments import checked
from nas.errors import Damaged, EvaluationFailed, FailureKind, UsageError
from nas.files import read_bytes, write_text
from nas.ops import Augment, Merge, Op, Shape
from nas.ops.op import show_shape
from nas.sealed import parse_record, sealed
from nas.space import Architecture

KIND = "operator latencies"


@dataclass(frozen=True)
class Applied:
    """A layer on inputs of given shapes; without an op, the normalisation of the input of a network.

    Attributes:
        op: the layer.
        inputs: the shapes of its inputs, without the batch dimension.
    """

    op: Op | Merge | None
    inputs: tuple[Shape, ...]

    @property
    def text(self) -> str:
        """`conv(width=8) on 3×32×32`: the key in a table."""
        name = "input" if self.op is None else self.op.text
        return f"{name} on {' and '.join(map(show_shape, self.inputs))}"


def applied(arch: Architecture) -> Iterator[Applied]:
    """The layers of an architecture, with the shapes of their inputs; the first is the normalisation of its input.

    `augment` is not among them: networks in use do not have it.
    """
    yield Applied(None, (arch.input,))
    shapes = (arch.input, *(layer.output for layer in arch.layers))
    for layer in arch.layers:
        if not isinstance(layer.op, Augment):
            yield Applied(layer.op, tuple(shapes[index] for index in layer.inputs))


@dataclass(frozen=True)
class EstimateError:
    """How far estimates are off, on whole networks that were measured.

    Attributes:
        networks: the number of networks.
        relative: the mean of |estimate / measured - 1|.
        bias: the median of estimate / measured.
        spearman: the rank correlation of estimates with measurements.
    """

    networks: int
    relative: float
    bias: float
    spearman: float


@checked
@dataclass(frozen=True)
class OperatorTable:
    """The measured latencies of layers for one sample.

    Attributes:
        milliseconds: the median latency of each layer, by `Applied.text`.
        overhead: what a layer takes longer in a network than by itself, in milliseconds: the median over networks that
            were measured as a whole, other than those of `error`.
        machine: what they were measured on, as `nas.hardware.measure.machine` describes it.
        error: how far estimates are off.
    """

    milliseconds: Mapping[str, float]
    overhead: float
    machine: Mapping[str, str | int]
    error: EstimateError

    def lacking(self, arch: Architecture) -> Sequence[str]:
        """The layers of an architecture that the table does not have."""
        return [one.text for one in applied(arch) if one.text not in self.milliseconds]

    def estimate(self, arch: Architecture) -> float:
        """The latency of an architecture in milliseconds. Raises EvaluationFailed if the table lacks a layer."""
        lacking = self.lacking(arch)
        if lacking:
            raise EvaluationFailed(FailureKind.CRASH, f"the table of operator latencies lacks {lacking[0]}")
        layers = [self.milliseconds[one.text] for one in applied(arch)]
        return sum(layers) + self.overhead * len(layers)

    def save(self, path: str | Path) -> None:
        """Writes the table as JSON with a checksum. Raises StorageError."""
        write_text(Path(path), json.dumps(sealed({"kind": KIND, **asdict(self)}), indent=1))


@checked
def read_operators(path: str | Path) -> OperatorTable:
    """The table that `OperatorTable.save` wrote.

    Raises:
        UsageError: there is no such file.
        Damaged: it is corrupt, or something else.
        StorageError: it cannot be read.
    """
    path = Path(path)
    if not path.is_file():
        raise UsageError(f"there is no file {path}; `nas latency SPACE --out {path}` writes one")
    record = parse_record(read_bytes(path), path)
    if record.get("kind") != KIND:
        raise Damaged(f"{path} is no table of operator latencies")
    try:
        milliseconds = {str(name): float(value) for name, value in record["milliseconds"].items()}
        error = EstimateError(**record["error"])
        return OperatorTable(milliseconds, float(record["overhead"]), dict(record["machine"]), error)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Damaged(f"{path} is no table of operator latencies: {error}") from error
