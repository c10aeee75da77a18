"""Neural networks that write an architecture decision by decision: p(y) = Π p(y_j | y_<j).

Step j reads the token that was taken last and the decision that comes now, and gives a score to each option that is
legal there; the softmax of the scores is the distribution. Options that are illegal have no score, so that nothing
needs to be masked afterwards and a space may have any number of tokens. What a token means when it is read or written
is learned in two parts, one of its own and one that it shares with the tokens of its kind.

`Recurrent` and `Transformer` are the bodies between reading and writing. Both go through a whole batch at once to
learn, or one step at a time, from the state that the last step left, to draw.

Letters in names of tensors: B architectures, T decisions, K options, W width. Only controllers import this module, and
only when one is made: it loads torch.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from nas.controllers.controller import Decided
from nas.controllers.vocabulary import Sentence, Vocabulary
from nas.space import Architecture, Choice, Space, Value

State = Any
"""What a body remembers of the steps so far; never changed in place, so that a walk can go on from it many times."""


class Body(Protocol):
    """What stands between reading and writing."""

    def __call__(self, inputs_BTW: Tensor, state: State) -> tuple[Tensor, State]:
        """The outputs of T more steps after `state` (None: from the beginning), each from what came before it."""


class Recurrent(nn.Module):
    """Layers of LSTM."""

    def __init__(self, width: int, layers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(width, width, layers, batch_first=True)

    def forward(self, inputs_BTW: Tensor, state: State) -> tuple[Tensor, State]:
        outputs_BTW, state = self.lstm(inputs_BTW, state)
        return outputs_BTW, state


class Attention(nn.Module):
    """Causal self-attention of several heads, with the keys and values of earlier steps as its state."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.read = nn.Linear(width, 3 * width)
        self.write = nn.Linear(width, width)

    def forward(self, inputs_BTW: Tensor, state: State) -> tuple[Tensor, State]:
        query, key, value = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in self.read(inputs_BTW).chunk(3, dim=-1)
        )
        if state is not None:
            key, value = torch.cat((state[0], key), dim=2), torch.cat((state[1], value), dim=2)
        # From the beginning, step j sees the first j; later there is one step at a time, and it sees all.
        found = functional.scaled_dot_product_attention(query, key, value, is_causal=state is None)
        return self.write(found.transpose(1, 2).flatten(2)), (key, value)


class TransformerLayer(nn.Module):
    """Attention and two linear layers with a GELU, each behind a layer norm and beside an identity (GPT-2)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), Attention(width, heads)
        self.norm2, self.linear1, self.linear2 = nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x_BTW: Tensor, state: State) -> tuple[Tensor, State]:
        found_BTW, state = self.attention(self.norm1(x_BTW), state)
        x_BTW = x_BTW + found_BTW
        return x_BTW + self.linear2(functional.gelu(self.linear1(self.norm2(x_BTW)))), state


class Transformer(nn.Module):
    """A causal transformer. Decisions have embeddings of their own, so positions need none."""

    def __init__(self, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(TransformerLayer(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, inputs_BTW: Tensor, state: State) -> tuple[Tensor, State]:
        x_BTW, states = inputs_BTW, []
        for number, layer in enumerate(self.layers):
            x_BTW, after = layer(x_BTW, None if state is None else state[number])
            states.append(after)
        return self.norm(x_BTW), states


class Batch(NamedTuple):
    """Sentences of different lengths, filled up with zeros."""

    previous_BT: Tensor
    decisions_BT: Tensor
    offers_BTK: Tensor
    legal_BTK: Tensor
    taken_BT: Tensor


    @classmethod
    def of(cls, sentences: Sequence[Sentence], start: int) -> "Batch":
        """The tensors of some sentences; `start` is the token before the first decision."""
        shape = len(sentences), max(len(one.decisions) for one in sentences)
        options = max(len(offer) for one in sentences for offer in one.offers)
        previous, decisions, taken = (np.zeros(shape, np.int64) for _ in range(3))
        offers = np.zeros((*shape, options), np.int64)
        legal = np.zeros((*shape, options), np.bool_)
        there = np.zeros(shape, np.bool_)
        for row, one in enumerate(sentences):
            length = len(one.decisions)
            for place, offer in enumerate(one.offers):
                offers[row, place, : len(offer)] = offer
                legal[row, place, : len(offer)] = True
            tokens = [offer[index] for offer, index in zip(one.offers, one.taken, strict=True)]
            previous[row, :length] = [start, *tokens][:length]
            decisions[row, :length], taken[row, :length], there[row, :length] = one.decisions, one.taken, True
        legal[~there, 0] = True  # the softmax of what is not there is then a number, log p = 0
        return cls(*map(torch.from_numpy, (previous, decisions, offers, legal, taken)))


class SequenceModel(nn.Module):
    """Reads tokens, and gives scores to those that may come next.

    Args:
        vocabulary: the tokens.
        body: a `Recurrent` or `Transformer` of this width.
        width: of the embeddings.
        tanh_constant: bound C of the scores C tanh(score / temperature) (Bello et al. 2017); None: not bounded.
        temperature: what scores are divided by.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        body: nn.Module,
        width: int,
        *,
        tanh_constant: float | None = None,
        temperature: float = 1.0,
    ) -> None:
        super().__init__()
        self.tanh_constant = tanh_constant
        self.temperature = temperature
        self.start = len(vocabulary)
        """The token before the first decision."""
        kinds = max(vocabulary.kinds, default=-1) + 1
        self.kinds = torch.tensor([*vocabulary.kinds, kinds], device="cpu")
        self.decision = nn.Embedding(max(1, len(vocabulary.universe)), width)
        self.reads, self.reads_kind = nn.Embedding(len(vocabulary) + 1, width), nn.Embedding(kinds + 1, width)
        self.writes, self.writes_kind = nn.Embedding(len(vocabulary) + 1, width), nn.Embedding(kinds + 1, width)
        self.bias = nn.Embedding(len(vocabulary) + 1, 1)
        self.body = body

    def forward(
        self, previous_BT: Tensor, decisions_BT: Tensor, offers_BTK: Tensor, state: State = None
    ) -> tuple[Tensor, State]:
        """The scores of the tokens that are offered, and the state after the last step."""
        read_BTW = self.reads(previous_BT) + self.reads_kind(self.kinds[previous_BT])
        outputs_BTW, state = self.body(read_BTW + self.decision(decisions_BT), state)
        write_BTKW = self.writes(offers_BTK) + self.writes_kind(self.kinds[offers_BTK])
        scores_BTK = (write_BTKW @ outputs_BTW.unsqueeze(-1) + self.bias(offers_BTK)).squeeze(-1) / self.temperature
        if self.tanh_constant is not None:
            scores_BTK = self.tanh_constant * scores_BTK.tanh()
        return scores_BTK, state

    def log_softmax(self, batch: Batch) -> Tensor:
        """log p of each option at each decision, BTK; -inf for what is not an option."""
        scores_BTK, _ = self(batch.previous_BT, batch.decisions_BT, batch.offers_BTK)
        return scores_BTK.masked_fill(~batch.legal_BTK, -torch.inf).log_softmax(dim=-1)


Initialise = Callable[[nn.Module, torch.Generator], None]


def uniform(bound: float) -> Initialise:
    """Draws all weights evenly from [-bound, bound]."""

    def initialise(model: nn.Module, generator: torch.Generator) -> None:
        for weight in model.parameters():
            weight.uniform_(-bound, bound, generator=generator)

    return initialise


def normal(deviation: float) -> Initialise:
    """Draws matrices from a normal distribution; biases are 0, and the scales of norms 1."""

    def initialise(model: nn.Module, generator: torch.Generator) -> None:
        for weight in model.parameters():
            weight.zero_() if weight.ndim == 1 else weight.normal_(0, deviation, generator=generator)
        for module in model.modules():
            if isinstance(module, nn.LayerNorm):
                module.weight.fill_(1)

    return initialise


class _Beginning:
    """The beginning of an architecture, with what the model says of the decision that comes next.

    The same beginning always comes to the same decision, so that the model is asked once for each.
    """

    def __init__(self, policy: "Policy", previous: int, state: State) -> None:
        self._policy = policy
        self._previous = previous
        self._state = state
        self._scores: NDArray[np.float64] | None = None
        self._longer: dict[int, _Beginning] = {}

    @torch.inference_mode()
    def scores(self, choice: Choice) -> NDArray[np.float64]:
        """The score of each option."""
        if self._scores is None:
            vocabulary = self._policy.vocabulary
            step = self._previous, vocabulary.decision(choice.name), vocabulary.offer(choice)
            scores_11K, self._state = self._policy.model(*(torch.tensor([[part]]) for part in step), self._state)
            self._scores = scores_11K[0, 0].double().numpy()
        return self._scores

    def then(self, token: int) -> "_Beginning":
        """The beginning that has this token as well; `scores` was called before."""
        if token not in self._longer:
            self._longer[token] = _Beginning(self._policy, token, self._state)
        return self._longer[token]


class Policy:
    """A model of a space's architectures, and the optimiser (Adam) that trains it.

    Args:
        space: what the architectures are members of.
        make_body: gives the body of the model; its weights are set afterwards.
        width: of the model.
        initialise: sets the weights.
        seed: where the weights come from.
        learning_rate: of Adam.
        tanh_constant: see `SequenceModel`.
        temperature: see `SequenceModel`.
        clip_norm: greatest norm of the gradient.
    """

    def __init__(
        self,
        space: Space,
        make_body: Callable[[], nn.Module],
        *,
        width: int,
        initialise: Initialise,
        seed: int,
        learning_rate: float,
        tanh_constant: float | None = None,
        temperature: float = 1.0,
        clip_norm: float = 1.0,
        betas: tuple[float, float] = (0.9, 0.999),
    ) -> None:
        self.space = space
        self.vocabulary = Vocabulary(space.universe)
        with torch.device("meta"):  # torch's own initialisation would read its global generator
            self.model = SequenceModel(
                self.vocabulary, make_body(), width, tanh_constant=tanh_constant, temperature=temperature
            )
        self.model.to_empty(device="cpu")
        with torch.no_grad():
            initialise(self.model, torch.Generator().manual_seed(seed))
        self.clip_norm = clip_norm
        self._optimizer = torch.optim.Adam(self.model.parameters(), lr=learning_rate, fused=True, betas=betas)
        self._start = self._new_start()

    def _new_start(self) -> _Beginning:
        return _Beginning(self, self.model.start, None)

    def sentence(self, arch: Architecture) -> Sentence:
        """The decisions of an architecture in numbers."""
        return self.vocabulary.sentence(self.space.choices_of(arch), [value for _, value in arch.choices])

    def batch(self, sentences: Sequence[Sentence]) -> Batch:
        """The tensors of some sentences."""
        return Batch.of(sentences, self.model.start)

    def evaluate(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """log p of each architecture, and the entropies of the distributions at its decisions, summed: (B,) each."""
        log_p_BTK = self.model.log_softmax(batch)
        taken_BT = log_p_BTK.gather(-1, batch.taken_BT.unsqueeze(-1)).squeeze(-1)
        entropy_BT = -(log_p_BTK.exp() * log_p_BTK.masked_fill(~batch.legal_BTK, 0)).sum(-1)
        return taken_BT.sum(-1), entropy_BT.sum(-1)

    def descend(self, loss: Tensor) -> None:
        """One step of the optimiser."""
        self._optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.clip_norm)
        self._optimizer.step()
        self._start = self._new_start()

    def draw(self, rng: np.random.Generator, temperature: float = 1.0) -> Architecture:
        """An architecture from the model; a temperature above 1 makes the distributions flatter."""
        at = self._start

        def pick(choice: Choice) -> Value:
            nonlocal at
            p = _softmax(at.scores(choice) / temperature)
            index = min(int(p.cumsum().searchsorted(rng.random(), side="right")), len(p) - 1)
            at = at.then(self.vocabulary.token(choice.name, choice.options[index]))
            return choice.options[index]

        return self.space.walk(pick)

    def values(self, choice: Choice, decided: Decided) -> list[float]:
        """p of each option after the decisions `decided`."""
        numbers = [self.vocabulary.decision(name) for name, _ in (*decided, (choice.name, None))]
        previous = [self.model.start, *(self.vocabulary.token(name, value) for name, value in decided)]
        offers = [self.vocabulary.offer(choice)] * len(numbers)  # only the scores of the last step are looked at
        with torch.inference_mode():
            scores_1TK, _ = self.model(*(torch.tensor([part]) for part in (previous, numbers, offers)))
        p: list[float] = _softmax(scores_1TK[0, -1].double().numpy()).tolist()
        return p

    def log_probability(self, arch: Architecture) -> float:
        """log p of an architecture."""
        if not arch.choices:
            return 0.0
        with torch.inference_mode():
            return float(self.evaluate(self.batch([self.sentence(arch)]))[0])


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(scores - scores.max())
    return weights / weights.sum()
