"""Augmentation: random changes of training samples, whole batches at once, on their device.

One family a file: `moves`, `geometry`, `colours`, `policies` and `erasing` for images, `signals`, `tokens`, `tables`,
and `mixing` of two samples. `batches` applies what is set (`nas.ops.Augment`), in one order. Importing this does not
load torch.
"""

from nas.data.augmentation.suited import check_augment
from nas.ops import Augment

__all__ = ["Augment", "check_augment"]
