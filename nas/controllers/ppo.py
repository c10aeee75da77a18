"""Proximal policy optimisation with a recurrent controller: Schulman, Wolski, Dhariwal, Radford & Klimov, "Proximal
Policy Optimization Algorithms", 2017 (arXiv:1707.06347), eq. 7, on the controller of ENAS: Pham, Guan, Zoph, Le & Dean,
"Efficient Neural Architecture Search via Parameter Sharing", ICML 2018 (arXiv:1802.03268).

The controller is one layer of LSTM with 100 units, with initial weights uniform in [-0.1, 0.1]. Its logits are bounded
by 2.5 tanh(logit / 5), which prevents early convergence (section 3 of ENAS; Bello et al. 2017). After each batch of
trials it takes several steps up

    L(θ) = E_t[ min(r_t(θ) A_t, clip(r_t(θ), 1 - ε, 1 + ε) A_t) ],   r_t(θ) = π_θ(a_t | s_t) / π_old(a_t | s_t)  (eq. 7)

plus the entropy. A step t is a decision, and all decisions of an architecture have the same advantage A.

Deviations: there is no value function; A is (R - b) / σ with the moving average b of ENAS (`advantage.py`). π_old is
the policy at the time when the batch was complete: with pending trials, some were drawn from the policy before. The
whole batch is one minibatch. The entropy is part of the objective, as in PPO (eq. 9), where ENAS adds the sampled
entropy to the reward. The attention of ENAS over earlier nodes (anchors) is left out, since decisions are of any kind
here. The learning rate is larger than 0.00035, which ENAS uses for thousands of samples. The initial weights follow
from the seed of the first trial.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from nas.arguments import Decay, NotNegativeFloat, Positive, PositiveFloat, checked
from nas.controllers.backends.policy_gradient import PolicyGradient, maximize, recurrent_policy
from nas.space import Space

if TYPE_CHECKING:
    from torch import Tensor

    from nas.controllers.backends.sequence_policy import Policy
    from nas.controllers.backends.vocabulary import Sentence


@checked
class PPO(PolicyGradient):
    """A recurrent policy, updated by several steps of a clipped policy gradient.

    Args:
        space: where to search.
        batch_size: trials between two updates.
        epochs: K, steps of the optimiser in an update.
        clip: ε, how far a probability ratio may move away from 1 (the paper's 0.2).
        lr: learning rate of Adam (ENAS: 0.00035).
        entropy: weight of the entropy (0.0001 in the code of ENAS).
        baseline_decay: of the moving average b.
        units: of the LSTM (ENAS: 100).
        tanh_constant: bound of the logits (ENAS: 2.5); None: unbounded.
        temperature: what the logits are divided by (ENAS: 5).
    """

    name: ClassVar = "ppo"

    def __init__(
        self,
        space: Space,
        *,
        batch_size: Positive = 10,
        epochs: Positive = 10,
        clip: Annotated[float, Field(gt=0, lt=1)] = 0.2,
        lr: PositiveFloat = 0.01,
        entropy: NotNegativeFloat = 0.0001,
        baseline_decay: Decay = 0.9,
        units: Positive = 100,
        tanh_constant: PositiveFloat | None = 2.5,
        temperature: PositiveFloat = 5.0,
    ) -> None:
        def update(policy: "Policy", sentences: Sequence["Sentence"], advantages: Sequence[float]) -> None:
            ascend_clipped(policy, sentences, advantages, clip=clip, entropy=entropy, steps=epochs)

        super().__init__(
            space,
            recurrent_policy(
                space, units=units, layers=1, bound=0.1, lr=lr, tanh_constant=tanh_constant, temperature=temperature
            ),
            update,
            batch_size=batch_size,
            baseline_decay=baseline_decay,
        )


def ascend_clipped(
    policy: "Policy",
    sentences: Sequence["Sentence"],
    advantages: Sequence[float],
    *,
    clip: float,
    entropy: float,
    steps: int,
) -> None:
    """Steps of the optimiser up the clipped surrogate objective and the entropy of B architectures; π_old is `policy`
    before the first step."""
    from nas.controllers.backends.sequence_policy import column

    advantage, log_p_old = column(advantages), policy.log_probabilities(sentences)

    def gain(log_p: "Tensor") -> "Tensor":
        return clipped_surrogate(log_p, log_p_old, advantage, clip)

    maximize(policy, sentences, gain, entropy=entropy, steps=steps)


def clipped_surrogate(log_p: "Tensor", log_p_old: "Tensor", advantage: "Tensor", clip: float) -> "Tensor":
    """The expression that equation 7 takes the expectation of, for each decision."""
    ratio = (log_p - log_p_old).exp()
    return (ratio * advantage).minimum(ratio.clamp(1 - clip, 1 + clip) * advantage)
