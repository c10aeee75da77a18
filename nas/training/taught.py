"""What a teacher answers to samples: computed once where its inputs do not change, and else for each batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nas.distillation.answering import features_of, gradients_along
from nas.distillation.kind import Answers, Kind
from nas.interrupt import stop_if_asked
from nas.model.differentiable import differentiable
from nas.training.residence import Inputs, in_order
from nas.training.workbench import Workbench

KEPT = 2**28
"""Bytes of answers to one pool of samples that are kept; with more, each batch is answered anew. Of the
answers to earlier trainings, as many are kept as have room."""

AT_ONCE = 256
"""Samples that are answered at once in advance."""


@dataclass(frozen=True)
class Asked:
    """What one kind asks a teacher.

    Attributes:
        kind: the kind.
        layers: the names of the features.
    """

    kind: Kind
    layers: tuple[str, ...]


class Taught:
    """A teacher, as some kinds ask it.

    Args:
        bench: the data set, device and precision.
        network: the teacher, on the device.
        asked: what each kind asks.
        identity: says what the answers follow from besides the inputs, so that trainings share them.
    """

    def __init__(self, bench: Workbench, network: nn.Module, asked: Sequence[Asked], identity: str) -> None:
        self._bench, self._network, self._asked, self._identity = bench, network, asked, identity
        self._own: dict[int, Sequence[Answers] | None] = {}
        self._unit = torch.as_tensor(bench.std, device=bench.device)

    def kept(self, inputs: Inputs) -> "Sequence[Answers] | None":
        """The answers to all samples of a pool, computed once; None: they are too large to be kept."""
        if id(inputs) not in self._own:  # whatever is left out of the bench, a training keeps its own
            self._own[id(inputs)] = self._known_or_new(inputs)
        return self._own[id(inputs)]

    def _known_or_new(self, inputs: Inputs) -> "Sequence[Answers] | None":
        known = self._bench.answered.setdefault(inputs, {})
        if self._identity not in known:
            few = inputs[:2]
            size = sum(_bytes(one) for one in self(few)) / len(few) * len(inputs)
            if size > KEPT:
                return None
            self._make_room(size)
            known[self._identity] = self._all(inputs)
        found: Sequence[Answers] = known[self._identity]
        return found

    def _make_room(self, size: float) -> None:
        """Leaves answers of others out, until so many bytes more may be kept."""
        pools = list(self._bench.answered.values())
        for pool in pools:
            for other in [one for one in pool if one != self._identity]:
                if size + sum(_bytes(one) for known in pools for found in known.values() for one in found) <= KEPT:
                    return
                del pool[other]

    def _all(self, inputs: Inputs) -> Sequence[Answers]:
        parts = []
        for batch in in_order(inputs, AT_ONCE):
            stop_if_asked()
            parts.append(self(batch))
        return [joined([part[place] for part in parts]) for place in range(len(self._asked))]

    def __call__(self, inputs: Tensor) -> Sequence[Answers]:
        """The answers to a batch `(N, *shape)`, for each kind, without gradients."""
        asks = any(one.kind.differentiates for one in self._asked)
        names = tuple(dict.fromkeys(name for one in self._asked for name in one.layers))
        given = inputs.detach().float().requires_grad_() if asks else inputs
        ready = differentiable(self._network) if asks else torch.no_grad()
        with self._bench.autocast(), ready, features_of(self._network, names) as found:
            outputs = self._network(given).float()
        features = found()
        answers = []
        for one in self._asked:
            gradients = None
            if one.kind.differentiates:
                directions = one.kind.along(outputs.detach(), self._bench.task)
                gradients = gradients_along(outputs, given, directions, self._unit, keep=False)
            answers.append(Answers(outputs.detach(), tuple(features[name].detach() for name in one.layers), gradients))
        return answers


def joined(parts: Sequence[Answers]) -> Answers:
    """The answers to several batches as one."""
    first = parts[0]
    features = tuple(torch.cat([part.features[place] for part in parts]) for place in range(len(first.features)))
    gradients = None
    if first.gradients is not None:
        gradients = torch.cat([part.gradients for part in parts if part.gradients is not None])
    return Answers(torch.cat([part.outputs for part in parts]), features, gradients)


def some(answers: Answers, rows: "Tensor | slice") -> Answers:
    """The answers to some of the samples."""
    gradients = None if answers.gradients is None else answers.gradients[rows]
    return Answers(answers.outputs[rows], tuple(one[rows] for one in answers.features), gradients)


def _bytes(answers: Answers) -> int:
    tensors = [answers.outputs, *answers.features, *([] if answers.gradients is None else [answers.gradients])]
    return sum(one.nbytes for one in tensors)
