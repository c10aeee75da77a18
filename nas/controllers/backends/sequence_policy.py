"""Neural networks that generate an architecture decision by decision: p(y) = Π p(y_j | y_<j).

Step j reads the last token and the current decision, and outputs a logit for each legal option; their softmax is the
distribution. Illegal options have no logit, so a space may have any number of tokens. The embedding of a token, both as
input and as output, is the sum of two parts: one of its own, and one that it shares with the tokens of its kind.

`Recurrent` and `Transformer` are the bodies between the embeddings. Both process a whole batch at once for training,
and one step at a time, from the previous state, for sampling.

Letters in shapes of tensors: B architectures, T decisions, K options, W width. Controllers import this module when they
are made, because it loads torch.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from nas.controllers.backends.vocabulary import Sentence, Vocabulary
from nas.controllers.controller import Decided
from nas.errors import IntegrityError
from nas.interrupt import stop_if_asked
from nas.space import Architecture, Choice, Space, Value

State = Any
"""The state of a body after some steps; never changed in place, so several walks can continue from it."""

Initialise = Callable[[nn.Module, torch.Generator], None]
"""Sets the weights of a model."""


class Recurrent(nn.Module):
    """A stack of LSTM layers.

    Args:
        width: of inputs and outputs, W.
        layers: number of layers.
    """

    def __init__(self, *, width: int, layers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(width, width, layers, batch_first=True)

    def forward(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """The outputs of T steps after `state` (None: from the start), BTW, and the state after them."""
        found: tuple[Tensor, State] = self.lstm(inputs, state)
        return found


class Transformer(nn.Module):
    """A causal transformer as GPT-2. Decisions have embeddings of their own, so positional ones are not needed.

    Args:
        width: of inputs and outputs, W.
        layers: number of layers.
        heads: of the attention; the width is a multiple of them.
    """

    def __init__(self, *, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(TransformerLayer(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """The outputs of T steps from the start (`state` is None), or of one step after `state`, BTW; and the state."""
        x, after = inputs, []
        for number, layer in enumerate(self.layers):
            x, kept = layer(x, None if state is None else state[number])
            after.append(kept)
        return self.norm(x), after


class TransformerLayer(nn.Module):
    """Causal attention and a feed-forward block with a GELU, both pre-norm and with residual connections.

    The state consists of the keys and values of the steps so far.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_attend, self.norm_think = nn.LayerNorm(width), nn.LayerNorm(width)
        self.read, self.write = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        batch, steps, width = x.shape
        parts = self.read(self.norm_attend(x)).view(batch, steps, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind()
        if state is not None:
            key, value = torch.cat((state[0], key), dim=2), torch.cat((state[1], value), dim=2)
        # From the start, step j attends to the first j steps; a single later step attends to all of them.
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=state is None)
        x = x + self.write(seen.transpose(1, 2).reshape(batch, steps, width))
        return x + self.narrow(functional.gelu(self.widen(self.norm_think(x)))), (key, value)


def uniform(bound: float) -> Initialise:
    """Samples all weights uniformly from [-bound, bound]."""

    def initialise(model: nn.Module, generator: torch.Generator) -> None:
        for weight in model.parameters():
            weight.uniform_(-bound, bound, generator=generator)

    return initialise


def normal(deviation: float) -> Initialise:
    """Samples matrices from a normal distribution; biases are 0, and the scales of norms 1."""

    def initialise(model: nn.Module, generator: torch.Generator) -> None:
        for weight in model.parameters():
            if weight.ndim == 1:
                weight.zero_()
            else:
                weight.normal_(0, deviation, generator=generator)
        for module in model.modules():
            if isinstance(module, nn.LayerNorm):
                module.weight.fill_(1)

    return initialise


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


class _Beginning:
    """The beginning of an architecture, with the logits of the next decision.

    A beginning determines the next decision, so the model is evaluated once for each.
    """

    def __init__(self, policy: "Policy", previous: int, state: State) -> None:
        self._policy = policy
        self._previous = previous
        self._state = state
        self._scores: NDArray[np.float64] | None = None
        self._longer: dict[int, _Beginning] = {}

    def scores(self, choice: Choice) -> NDArray[np.float64]:
        """The logit of each option of the next decision."""
        if self._scores is None:
            vocabulary = self._policy.vocabulary
            step = self._previous, vocabulary.decision(choice.name), vocabulary.offer(choice)
            with torch.inference_mode():
                scores, self._state = self._policy.model(*(torch.tensor([[part]]) for part in step), self._state)
                self._scores = scores[0, 0].double().numpy()
        return self._scores

    def then(self, token: int) -> "_Beginning":
        """The beginning extended by this token; its own logits were computed before."""
        if token not in self._longer:
            self._longer[token] = _Beginning(self._policy, token, self._state)
        return self._longer[token]


class Policy:
    """A model of the architectures of a space, and the optimiser (Adam) that trains it.

    Args:
        space: what the architectures are members of.
        make_body: makes the body of the model; its weights are set afterwards.
        initialise: sets the weights.
        seed: of the initial weights.
        width: see `SequenceModel`.
        lr: learning rate of Adam.
        tanh_constant: see `SequenceModel`.
        temperature: see `SequenceModel`.
    """

    def __init__(
        self,
        space: Space,
        make_body: Callable[[], nn.Module],
        initialise: Initialise,
        *,
        seed: int,
        width: int,
        lr: float,
        tanh_constant: float | None = None,
        temperature: float = 1.0,
    ) -> None:
        self.space = space
        self.vocabulary = Vocabulary(space.universe)
        with torch.device("meta"):  # torch's own initialisation would read its global generator
            self.model = SequenceModel(
                self.vocabulary, make_body(), width=width, tanh_constant=tanh_constant, temperature=temperature
            )
        self.model.to_empty(device="cpu")
        with torch.no_grad():
            initialise(self.model, torch.Generator().manual_seed(seed))
        self._optimizer = torch.optim.Adam(self.model.parameters(), lr=lr, fused=True)
        self.forget_beginnings()

    def forget_beginnings(self) -> None:
        """Drops the cached outputs of the model, whose weights have changed."""
        self._start = _Beginning(self, self.model.start, None)

    def set_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Replaces the weights of the model. Raises IntegrityError if they do not fit."""
        try:
            self.model.load_state_dict(weights)
        except RuntimeError as error:
            raise IntegrityError(f"these weights do not fit the model: {error}") from error
        self.forget_beginnings()

    def sentence(self, arch: Architecture) -> Sentence:
        """The decisions of an architecture as numbers."""
        return self.vocabulary.sentence(self.space.choices_of(arch), [value for _, value in arch.choices])

    def log_probabilities(self, sentences: Sequence[Sentence]) -> Tensor:
        """log p of each decision of some architectures, BT."""
        with torch.no_grad():
            return self.model.evaluate(Batch.of(sentences, self.model.start))[0]

    def learn(self, sentences: Sequence[Sentence], loss: Callable[[Tensor, Tensor], Tensor], *, steps: int = 1) -> None:
        """Steps of the optimiser down a loss of log p and the entropies of some architectures (BT each)."""
        batch = Batch.of(sentences, self.model.start)
        for _ in range(steps):
            stop_if_asked()
            self._optimizer.zero_grad()
            loss(*self.model.evaluate(batch)).backward()  # type: ignore[no-untyped-call]  # torch has no type for it
            self._optimizer.step()
        self.forget_beginnings()

    def draw(self, rng: np.random.Generator, *, temperature: float = 1.0) -> Architecture:
        """An architecture sampled from the model; a temperature above 1 makes its distributions flatter."""
        at = self._start

        def pick(choice: Choice) -> Value:
            nonlocal at
            p = _softmax(at.scores(choice) / temperature)
            index = min(int(p.cumsum().searchsorted(rng.random(), side="right")), len(p) - 1)
            at = at.then(self.vocabulary.token(choice.name, choice.options[index]))
            return choice.options[index]

        return self.space.walk(pick)

    def values(self, choice: Choice, decided: Decided) -> list[float]:
        """p of each option of `choice` after the decisions `decided`."""
        numbers = [self.vocabulary.decision(name) for name in (*(name for name, _ in decided), choice.name)]
        previous = [self.model.start, *(self.vocabulary.token(name, value) for name, value in decided)]
        offers = [self.vocabulary.offer(choice)] * len(numbers)  # only the scores of the last step are looked at
        with torch.inference_mode():
            scores, _ = self.model(*(torch.tensor([part]) for part in (previous, numbers, offers)))
        p: list[float] = _softmax(scores[0, -1].double().numpy()).tolist()
        return p

    def log_probability(self, arch: Architecture) -> float:
        """log p of an architecture."""
        return float(self.log_probabilities([self.sentence(arch)]).sum())


def column(numbers: Sequence[float]) -> Tensor:
    """Numbers, one per architecture, as a tensor of shape B1."""
    return torch.tensor(numbers, dtype=torch.float32).unsqueeze(1)


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(scores - scores.max())
    p: NDArray[np.float64] = weights / weights.sum()
    return p
