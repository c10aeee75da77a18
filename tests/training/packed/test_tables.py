"""Packed layers of tables. That they compute the same is tested for all ops."""

import torch

from nas.ops.table_modules import CategoryEmbedding, ColumnLinear, NumberEmbedding, PeriodicEncoding
from nas.training.packed.tables import (
    PackedCategoryEmbedding,
    PackedColumnLinear,
    PackedNumberEmbedding,
    PackedPeriodicEncoding,
)


def test_each_copy_has_its_vectors() -> None:
    embeddings = [CategoryEmbedding((3, 4), 2), CategoryEmbedding((3, 4), 2)]
    rows = torch.tensor([[[0.5, 2, 3], [1.5, 0, 9]], [[2.5, 1, 2], [3.5, -1, 0]]])  # copies, samples, values
    found = PackedCategoryEmbedding(embeddings)(rows)
    assert torch.equal(found, torch.stack([one(part) for one, part in zip(embeddings, rows, strict=True)]))


def test_each_copy_has_its_frequencies_and_linear_layers() -> None:
    encodings = [PeriodicEncoding(2, 3, 0.5) for _ in range(2)]
    linears = [ColumnLinear(2, 6, 4) for _ in range(2)]
    copies = [NumberEmbedding(*parts) for parts in zip(encodings, linears, strict=True)]
    packed = PackedNumberEmbedding(PackedPeriodicEncoding(encodings), PackedColumnLinear(linears))
    rows = torch.randn(2, 5, 3)  # copies, samples, values
    torch.testing.assert_close(packed(rows), torch.stack([one(part) for one, part in zip(copies, rows, strict=True)]))
