"""Embeddings of adjacent tokens."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from nas.errors import ShapeError
from nas.ops.op import Cost, Family, Op, Positive, Shape, show_shape

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class NgramEmbedding(Op):
    """Each `n` adjacent token numbers of `(L,)` to a learned vector: `(width, L - n + 1)`.

    There are more n-grams than vectors: each has the vector that its hash names, one of `buckets` (Joulin et al. 2017,
    Bag of Tricks for Efficient Text Classification, §2.2, after Weinberger et al. 2009). The mean of such vectors is
    their bag of n-grams. Here each `n` has a table of its own, so that words and pairs do not share vectors.

    With `mask`, number 0 is padding, and n-grams with padding in them have the vector 0. Initial vectors have a
    standard deviation of `std`. Most n-grams of a new text were never trained, so a small one, such as 0.01, is better.
    """

    name: ClassVar[str] = "ngram_embedding"
    family: ClassVar[Family] = "sequence"

    vocabulary: Annotated[int, Field(ge=1, le=2**24)]
    width: Positive
    n: Annotated[int, Field(ge=2, le=8)] = 2
    buckets: Annotated[int, Field(ge=1, le=2**24)] = 2**16
    mask: bool = False
    std: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0

    @property
    def tokens(self) -> int:
        return self.vocabulary

    def shape(self, input: Shape) -> Shape:
        if len(input) != 1:
            raise ShapeError(f"{self.name} needs token numbers (L,), got {show_shape(input)}; use flatten before it")
        if input[0] < self.n:
            raise ShapeError(f"{self.name} of {self.n} tokens needs as many or more, got {input[0]}")
        return self.width, input[0] - self.n + 1

    def meaning(self, input: Shape) -> str:
        return replace(self, vocabulary=1).text  # which only says what token numbers there may be

    def cost(self, input: Shape) -> Cost:
        return Cost(self.buckets * self.width, 0)

    def module(self, input: Shape) -> "nn.Module":
        import torch

        from nas.ops.sequence_modules import HashedNgrams

        embedding = HashedNgrams(self.buckets, self.width, self.n, self.mask)
        if self.std != 1:
            with torch.no_grad():
                embedding.table.weight.mul_(self.std)
        return embedding
