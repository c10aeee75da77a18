"""Packed layers of tables. That they compute the same is tested for all ops."""

import torch

from nas.ops.table_modules import CategoryEmbedding
from nas.training.packed.tables import PackedCategoryEmbedding


def test_each_copy_has_its_vectors() -> None:
    embeddings = [CategoryEmbedding((3, 4), 2), CategoryEmbedding((3, 4), 2)]
    rows = torch.tensor([[[0.5, 2, 3], [1.5, 0, 9]], [[2.5, 1, 2], [3.5, -1, 0]]])  # copies, samples, values
    found = PackedCategoryEmbedding(embeddings)(rows)
    assert torch.equal(found, torch.stack([one(part) for one, part in zip(embeddings, rows, strict=True)]))
