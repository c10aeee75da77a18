"""REINFORCE with a recurrent controller: Zoph & Le, "Neural Architecture Search with Reinforcement Learning", ICLR 2017
(arXiv:1611.01578), sections 3.1 and 3.2.

An LSTM writes an architecture decision by decision: the option that is taken is the input of the next step. Its weights
θ follow the policy gradient of the expected reward (Williams 1992), averaged over m architectures:

    1/m Σ_k Σ_t ∇ log P(a_t | a_(t-1):1; θ) (R_k - b)                                           (section 3.2)

with b the exponential moving average of the rewards before. The network (two layers of 35 units, weights drawn evenly
from [-0.08, 0.08]), Adam, its learning rate and m = 8 are those of section 4.1. It was made for 12,800 architectures;
for a few hundred, learn faster: the reference code of NAS-Bench-201 and its successor, which has no network, uses a
learning rate of 0.01 after every single trial. The paper is silent about the decay of b: 0.9 is theirs.

Deviations: the reward is the score itself, not its cube, and R - b is divided by the standard deviation of the rewards
so far (`backends/advantage.py`). The entropy of the distributions can be added to the objective, which is no
part of the paper, but of later practice (ENAS adds it to the reward); by default it is not. There are no anchor points
and no parameter servers. The first weights come from the seed of the first trial.
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
