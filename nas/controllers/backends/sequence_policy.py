"""A policy: the distribution over the architectures of a space that a sequence model defines.

Letters in shapes of tensors: B architectures, T decisions. Controllers import this module when they are created,
because it loads torch.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nas.controllers.backends.sequence_bodies import Initialise, State
from nas.controllers.backends.sequence_model import Batch, SequenceModel
from nas.controllers.backends.vocabulary import Sentence, Vocabulary
from nas.controllers.controller import Decided
from nas.descent import ADAM, Descent
from nas.errors import IntegrityError
from nas.interrupt import stop_if_asked
from nas.space import Architecture, Choice, Space, Value


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
        self.lr = lr
        self.vocabulary = Vocabulary(space.universe)
        with torch.device("meta"):  # torch's own initialisation would read its global generator
            self.model = SequenceModel(
                self.vocabulary, make_body(), width=width, tanh_constant=tanh_constant, temperature=temperature
            )
        self.model.to_empty(device="cpu")
        with torch.no_grad():
            initialise(self.model, torch.Generator().manual_seed(seed))
        self._optimizer = Descent(self.model.parameters(), ADAM)
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
            self._optimizer.step(self.lr)
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
        offers = [self.vocabulary.offer(choice)] * len(numbers)  # only the scores of the last step are used
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
