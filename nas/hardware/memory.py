"""The most memory that an inference needs at a time.

On a CPU, it is counted: the bytes of all tensors that live at once, those of the weights and of the input included.
This follows from the network and the batch alone, so that it is the same on every machine; what a kernel uses within
itself, such as reordered weights, is not seen. On a CUDA device, it is what the allocator of torch had given out at its
peak, workspaces included (`torch.cuda.max_memory_allocated`).
"""

import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

MIB = 2**20


class Living(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Within its context, counts the bytes of the tensors that operators of torch return, as long as they live.

    Tensors that share memory, such as views, count once.

    Attributes:
        live: bytes that live now.
        peak: the most that lived at once.
    """

    def __init__(self, tensors: Iterable[Tensor] = ()) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.live = self.peak = 0
        self._seen: set[int] = set()
        for tensor in tensors:
            self._note(tensor)

    def __torch_dispatch__(
        self, func: Callable[..., Any], types: Sequence[type], args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor):
                self._note(leaf)
        return result

    def _note(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        if id(storage) in self._seen:
            return
        size = storage.nbytes()
        self._seen.add(id(storage))
        self.live += size
        self.peak = max(self.peak, self.live)
        weakref.finalize(storage, self._end, id(storage), size)

    def _end(self, storage: int, size: int) -> None:
        self._seen.discard(storage)
        self.live -= size


def peak_memory(make: Callable[[], tuple[nn.Module, Tensor]], device: torch.device) -> float:
    """The most memory in MiB that a network needs at a time to compute its output for a batch.

    Args:
        make: makes the network, in evaluation mode, and the batch, on the device.
        device: where it computes.
    """
    with torch.inference_mode():
        if device.type == "cuda":
            torch.cuda.synchronize(device)
            before = torch.cuda.memory_allocated(device)
            torch.cuda.reset_peak_memory_stats(device)
            network, inputs = make()
            network(inputs)
            torch.cuda.synchronize(device)
            return float(torch.cuda.max_memory_allocated(device) - before) / MIB
        network, inputs = make()
        with Living([*network.parameters(), *network.buffers(), inputs]) as living:
            network(inputs)
        return float(living.peak) / MIB
