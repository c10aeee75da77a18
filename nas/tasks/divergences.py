"""How far the predictions of one network are from those of another, for each sample.

They are computed from log-probabilities in float32, so that they are finite for logits of any size. Importing this does
not load torch.
"""

from typing import TYPE_CHECKING

from nas.tasks.criteria import each_output, reduced

if TYPE_CHECKING:
    from torch import Tensor


def class_divergence(outputs: "Tensor", taught: "Tensor", temperature: float) -> "Tensor":
    """T² KL(p ‖ q) of class probabilities at a temperature T, `(N,)`: p follows from the logits `taught`, q from
    `outputs`, both `(N, K, ...)`.

    T² keeps the size of its gradient (Hinton et al. 2015, section 2).
    """
    from torch.nn import functional

    own = functional.log_softmax(outputs.float() / temperature, dim=1)
    theirs = functional.log_softmax(taught.float() / temperature, dim=1)
    found = (theirs.exp() * (theirs - own)).sum(dim=1)
    return reduced(found, "none") * temperature**2


def label_divergence(outputs: "Tensor", taught: "Tensor", temperature: float) -> "Tensor":
    """The same for labels of which any number is true: the mean over the labels of the divergences of each."""
    from torch.nn import functional

    own, theirs = outputs.float() / temperature, taught.float() / temperature
    sides = [
        functional.logsigmoid(sign * theirs).exp()
        * (functional.logsigmoid(sign * theirs) - functional.logsigmoid(sign * own))
        for sign in (1, -1)
    ]
    return reduced(sides[0] + sides[1], "none") * temperature**2


def value_divergence(outputs: "Tensor", taught: "Tensor", std: tuple[float, ...]) -> "Tensor":
    """The squared difference of values `(N, K, ...)` in units of standard deviations, a mean over the K targets."""
    return reduced(((outputs.float() - taught.float()) / each_output(std, outputs)).square(), "none")
