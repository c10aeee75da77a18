"""REINFORCE with a recurrent controller: Zoph & Le, "Neural Architecture Search with Reinforcement Learning", ICLR 2017
(arXiv:1611.01578), sections 3.1 and 3.2.

An LSTM generates an architecture decision by decision; each step reads the option that was taken at the last one. Its
weights θ follow the policy gradient of the expected reward (Williams 1992), averaged over m architectures:

    1/m Σ_k Σ_t ∇ log P(a_t | a_(t-1):1; θ) (R_k - b)                                           (section 3.2)

where b is the exponential moving average of the previous rewards. The network (two layers of 35 units, initial weights
uniform in [-0.08, 0.08]), Adam, its learning rate and m = 8 are those of section 4.1, designed for 12,800
architectures. For a few hundred, learn faster: the reference code of NAS-Bench-201, and its successor, which has no
network, use a learning rate of 0.01 after every single trial. The paper does not state the decay of b: 0.9 is that of
this code.

Deviations: the reward is the score itself, not its cube, and R - b is divided by the standard deviation of the rewards
so far (`advantage.py`). The entropy of the distributions can be added to the objective; this is not in the paper, but
in later work (ENAS adds it to the reward), and is off by default. There are no anchor points and no parameter servers.
The initial weights follow from the seed of the first trial.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from nas.arguments import Decay, NotNegativeFloat, Positive, PositiveFloat, checked
from nas.controllers.backends.policy_gradient import PolicyGradient, maximize, recurrent_policy
from nas.space import Space

if TYPE_CHECKING:
    from nas.controllers.backends.sequence_policy import Policy
    from nas.controllers.backends.vocabulary import Sentence


@checked
class Reinforce(PolicyGradient):
    """A recurrent policy that follows the policy gradient.

    Args:
        space: where to search.
        lr: learning rate of Adam (the paper's 0.0006).
        batch_size: m, trials that a step of the optimiser learns from (the paper's 8).
        baseline_decay: of the moving average b (0.9 in the reference code of NAS-Bench-201).
        entropy: weight of the entropy, in standard deviations of the rewards (0: the paper has none).
        units: of each layer of the LSTM (the paper's 35).
        layers: of the LSTM (the paper's 2).
    """

    name: ClassVar = "reinforce"

    def __init__(
        self,
        space: Space,
        *,
        lr: PositiveFloat = 0.0006,
        batch_size: Positive = 8,
        baseline_decay: Decay = 0.9,
        entropy: NotNegativeFloat = 0.0,
        units: Positive = 35,
        layers: Positive = 2,
    ) -> None:
        def update(policy: "Policy", sentences: Sequence["Sentence"], advantages: Sequence[float]) -> None:
            from nas.controllers.backends.sequence_policy import column

            advantage = column(advantages)
            maximize(policy, sentences, lambda log_p: log_p * advantage, entropy=entropy)

        super().__init__(
            space,
            recurrent_policy(space, units=units, layers=layers, bound=0.08, lr=lr),
            update,
            batch_size=batch_size,
            baseline_decay=baseline_decay,
        )
