"""What is said of the privacy of a network."""

from collections.abc import Iterator, Mapping


def spent(privacy: Mapping[str, float]) -> str:
    """`ε 7.95, δ 1e-05` for what a training spent."""
    return f"ε {privacy['epsilon']:.3g}, δ {privacy['delta']:g}"


def show_promise(privacy: Mapping[str, float]) -> Iterator[str]:
    """A line for a terminal; none for what was not private."""
    if privacy:
        yield f"private: {spent(privacy)} for each training sample, given the architecture"


def promise(privacy: Mapping[str, float]) -> str:
    """What is promised of the training samples, and what not, in sentences; empty for what was not private."""
    if not privacy:
        return ""
    return (
        f"The weights are differentially private with {spent(privacy)}: whoever knows them can hardly tell whether any "
        "one training sample was there (DP-SGD; the standard deviation of the noise is "
        f"{privacy['noise_multiplier']:.3g} times the norm at which the gradient of each sample was clipped). The "
        "promise is for this training alone. Nothing bounds what the choice of the architecture, the other trainings "
        "of the run and its records tell of the same samples, nor what is told of the validation and test samples."
    )
