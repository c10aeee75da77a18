"""Embeddings of the categories of tables."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nas.errors import ShapeError
from nas.ops.op import FREE, Cost, Family, Op, Positive, Shape, show_shape

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class EmbedCategories(Op):
    """Rows of a table `(numbers + columns,)` to `(numbers + columns · width,)`: a learned vector for each category.

    The last entries of a row are codes of categories, and each is replaced by a vector (Guo and Berkhahn 2016). All
    vectors have the same width, as in Gorishniy et al. 2021, Revisiting Deep Learning Models for Tabular Data. The
    numbers before them stay. Vectors are initialised as PyTorch's embeddings; those of code 0, which stands for unseen
    and missing values, as zeros. A code that a column does not have counts as 0.

    Attributes:
        categories: the number of codes of each column, from 0. Without any, a row stays as it is.
        width: the length of the vectors.
    """

    name: ClassVar[str] = "embed_categories"
    family: ClassVar[Family] = "linear"

    categories: tuple[Positive, ...]
    width: Positive = 8

    def shape(self, input: Shape) -> Shape:
        columns = len(self.categories)
        if len(input) != 1:
            raise ShapeError(f"embed_categories needs rows of a table (F,), got {show_shape(input)}")
        if input[0] < columns:
            raise ShapeError(f"embed_categories has {columns} columns of categories, got rows of {input[0]} values")
        return (input[0] - columns + columns * self.width,)

    def cost(self, input: Shape) -> Cost:
        return Cost(sum(self.categories) * self.width, 0) if self.categories else FREE

    def module(self, input: Shape) -> "nn.Module":
        from torch import nn

        from nas.ops.table_modules import CategoryEmbedding

        return CategoryEmbedding(self.categories, self.width) if self.categories else nn.Identity()

    def is_identity(self, input: Shape) -> bool:
        return not self.categories
