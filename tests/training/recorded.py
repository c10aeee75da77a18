"""A CUDA graph for tests on the CPU: the operations of torch below autograd, recorded and replayed on their tensors.

Like one of CUDA, its recording changes nothing, its replay reads and writes the tensors of the recording and knows
nothing of the Python code around the operations, and it refuses to copy a value to the host.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

REFUSAL = "operation not permitted when stream is capturing"


class Recording(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes operations, and what tensors hold before the first of them."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.operations: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any], Any]] = []
        self.before: dict[int, tuple[torch.UntypedStorage, torch.UntypedStorage]] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if str(func) == "aten._local_scalar_dense.default":  # `.item()`
            raise RuntimeError(f"{REFUSAL}\nand more")
        for tensor in _tensors((args, kwargs)):
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in self.before:
                self.before[storage.data_ptr()] = (storage, storage.clone())  # type: ignore[no-untyped-call]
        result = func(*args, **kwargs)
        self.operations.append((func, args, kwargs, result))
        return result


def capture(compute: Callable[[], None]) -> Callable[[], None]:
    """`nas.training.graphs.capture` on the CPU."""
    random, recording = torch.get_rng_state(), Recording()
    try:
        with recording:
            compute()
    finally:
        for storage, content in recording.before.values():
            storage.copy_(content)
        torch.set_rng_state(random)
    return lambda: _replay(recording)


@torch.no_grad()
def _replay(recording: Recording) -> None:
    for func, args, kwargs, result in recording.operations:
        again = func(*args, **kwargs)
        for old, new in zip(_tensors(result), _tensors(again), strict=True):
            if old.untyped_storage().data_ptr() != new.untyped_storage().data_ptr():
                old.copy_(new)


def _tensors(tree: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]
