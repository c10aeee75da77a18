"""Embeddings of the numbers of tables."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from nas.errors import ShapeError
from nas.ops.op import FREE, Cost, Family, Op, Positive, Shape, show_shape

if TYPE_CHECKING:
    from torch import nn

NumberEncoding = Literal["piecewise", "periodic"]


@dataclass(frozen=True)
class EmbedNumbers(Op):
    """Rows of a table `(numbers + columns,)` to `(numbers · width + columns,)`: a learned vector for each number.

    Each number is encoded, and a linear layer of its own and ReLU make a vector of the code (Gorishniy et al. 2022, On
    Embeddings for Numerical Features in Tabular Deep Learning, NeurIPS: `Q-LR` and `PLR`). The codes of categories at
    the end of a row stay, for an `embed_categories` that follows.

    `piecewise` encodes a number by how far it reaches through each of `components` bins, from 0 to 1 (§3.2). The bins
    are equally probable under the standard normal distribution, and the encoding is linear in the probability, where it
    is linear in the number in the paper. Where the numbers of a data set are made normally distributed (`scaling:
    quantile`), these are bins at quantiles of the training samples, except in columns with many equal values; others
    are standardised, which makes no promise of how full a bin is.

    `periodic` encodes a number x as sin(2πfx) and cos(2πfx) for `components` learned frequencies f of its own, which
    are drawn from a normal distribution of standard deviation `std` (§3.3).

    Weights of the linear layers are initialised as PyTorch's.

    Attributes:
        categories: the number of codes of each column of categories, from 0.
        width: the length of the vectors.
        encoding: of the numbers.
        components: bins, or frequencies.
        std: of the frequencies at the start; without effect on `piecewise`.
    """

    name: ClassVar[str] = "embed_numbers"
    family: ClassVar[Family] = "linear"

    categories: tuple[Positive, ...]
    width: Positive = 16
    encoding: NumberEncoding = "piecewise"
    components: Positive = 16
    std: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.1

    def shape(self, input: Shape) -> Shape:
        columns = len(self.categories)
        if len(input) != 1:
            raise ShapeError(f"embed_numbers needs rows of a table (F,), got {show_shape(input)}")
        if input[0] < columns:
            raise ShapeError(f"embed_numbers has {columns} columns of categories, got rows of {input[0]} values")
        return (self._numbers(input) * self.width + columns,)

    def cost(self, input: Shape) -> Cost:
        numbers = self._numbers(input)
        frequencies = self.components if self.encoding == "periodic" else 0
        weights = (2 * frequencies or self.components) * self.width
        return Cost(numbers * (frequencies + weights + self.width), numbers * weights) if numbers else FREE

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        from nas.ops.table_modules import ColumnLinear, NumberEmbedding, PeriodicEncoding, PiecewiseEncoding

        numbers = self._numbers(input)
        if not numbers:
            return nn.Identity()
        if self.encoding == "piecewise":
            linear = ColumnLinear(numbers, self.components, self.width)
            return NumberEmbedding(PiecewiseEncoding(self.components), linear)
        encoding = PeriodicEncoding(numbers, self.components, self.std)
        return NumberEmbedding(encoding, ColumnLinear(numbers, 2 * self.components, self.width))

    def is_identity(self, input: Shape) -> bool:
        return not self._numbers(input)

    def meaning(self, input: Shape) -> str:
        std = self.std if self.encoding == "periodic" else ""
        return f"{self.name} {self._numbers(input)} {self.width} {self.encoding} {self.components} {std}"

    def _numbers(self, input: Shape) -> int:
        return input[0] - len(self.categories)
