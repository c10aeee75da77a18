"""A neural network that generates an architecture decision by decision: p(y) = Π p(y_j | y_<j).

Step j reads the last token and the current decision, and outputs a logit for each legal option; their softmax is the
distribution. Illegal options have no logit, so a space may have any number of tokens. The embedding of a token, both as
input and as output, is the sum of two parts: one of its own, and one that it shares with the tokens of its kind.

Letters in shapes of tensors: B architectures, T decisions, K options, W width.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from nas.controllers.backends.sequence_bodies import State
from nas.controllers.backends.vocabulary import Sentence, Vocabulary


class Batch(NamedTuple):
    """Sentences as tensors of at least one step, padded with decisions of one option, whose log p is 0.

    Attributes:
        previous: the token before each decision, BT.
        decisions: their numbers, BT.
        offers: the tokens of the options, BTK, padded with zeros.
        legal: which of these are options, BTK.
        taken: the index of the option that was taken, BT.
    """

    previous: Tensor
    decisions: Tensor
    offers: Tensor
    legal: Tensor
    taken: Tensor

    @classmethod
    def of(cls, sentences: Sequence[Sentence], start: int) -> "Batch":
        """The tensors of some sentences; `start` is the token before the first decision."""
        shape = len(sentences), max(1, max(len(one.decisions) for one in sentences))
        options = max((len(offer) for one in sentences for offer in one.offers), default=1)
        previous, decisions, taken = (np.zeros(shape, np.int64) for _ in range(3))
        offers = np.zeros((*shape, options), np.int64)
        legal = np.zeros((*shape, options), np.bool_)
        legal[:, :, 0] = True
        for row, one in enumerate(sentences):
            length = len(one.decisions)
            for place, offer in enumerate(one.offers):
                offers[row, place, : len(offer)] = offer
                legal[row, place, : len(offer)] = True
            tokens = [offer[index] for offer, index in zip(one.offers, one.taken, strict=True)]
            previous[row, :length] = [start, *tokens][:length]
            decisions[row, :length], taken[row, :length] = one.decisions, one.taken
        return cls(*map(torch.from_numpy, (previous, decisions, offers, legal, taken)))


class SequenceModel(nn.Module):
    """Reads tokens, and outputs logits of those that may come next.

    Args:
        vocabulary: the tokens.
        body: a `Recurrent` or a `Transformer`.
        width: W, of the body and the embeddings.
        tanh_constant: C, where the logits are C tanh(logit / temperature); None: logit / temperature.
        temperature: see `tanh_constant`.
    """

    def __init__(
        self, vocabulary: Vocabulary, body: nn.Module, *, width: int, tanh_constant: float | None, temperature: float
    ) -> None:
        super().__init__()
        self.tanh_constant = tanh_constant
        self.temperature = temperature
        self.start = len(vocabulary)
        """The token before the first decision."""
        start_kind = max(vocabulary.kinds, default=-1) + 1
        self._kinds = torch.tensor([*vocabulary.kinds, start_kind], device="cpu")
        self.decision = nn.Embedding(max(1, len(vocabulary.universe)), width)
        self.read, self.read_kind = nn.Embedding(self.start + 1, width), nn.Embedding(start_kind + 1, width)
        self.write, self.write_kind = nn.Embedding(self.start + 1, width), nn.Embedding(start_kind + 1, width)
        self.bias = nn.Embedding(self.start + 1, 1)
        self.body = body

    def forward(self, previous: Tensor, decisions: Tensor, offers: Tensor, state: State = None) -> tuple[Tensor, State]:
        """The logits of the offered tokens, BTK, and the state after the last step."""
        read = self.read(previous) + self.read_kind(self._kinds[previous])
        outputs, state = self.body(read + self.decision(decisions), state)
        write = self.write(offers) + self.write_kind(self._kinds[offers])
        scores = write @ outputs.unsqueeze(-1) + self.bias(offers)
        scores = scores.squeeze(-1) / self.temperature
        if self.tanh_constant is not None:
            scores = self.tanh_constant * scores.tanh()
        return scores, state

    def evaluate(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """log p of what was taken at each decision, and the entropy of the distribution there: BT each."""
        scores, _ = self(batch.previous, batch.decisions, batch.offers)
        log_p = scores.masked_fill(~batch.legal, -torch.inf).log_softmax(dim=-1)
        taken = log_p.gather(-1, batch.taken.unsqueeze(-1)).squeeze(-1)
        finite = log_p.masked_fill(~batch.legal, 0)
        return taken, -(log_p.exp() * finite).sum(-1)
