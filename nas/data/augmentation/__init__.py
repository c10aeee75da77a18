"""Augmentation: random changes of training samples, whole batches at once, on their device.

One family a file: `moves`, `geometry`, `colours`, `policies` and `erasing` for images, `signals`, `tokens`, `tables`,
and `mixing` of two samples. `batches` applies what is set, in one order. Importing this does not load torch.
"""

from nas.data.augmentation.augment import Augment, check_augment

__all__ = ["Augment", "check_augment"]
