"""Any sampler of Optuna (Akiba, Sano, Yanase, Ohta & Koyama, "Optuna: A Next-generation Hyperparameter Optimization
Framework", KDD 2019) as a controller: TPE, NSGA-II, a Gaussian process, and the samplers of OptunaHub.

`space.walk` decides an architecture; each choice is a categorical parameter of the same name. Optuna requires the
options of a parameter to be the same in all trials, so it is offered all options of the file. If it suggests an option
that is not legal, it is asked for this decision alone, up to `TRIES` times, and then a legal option is drawn uniformly;
the sampler learns from the option that was taken. Decisions that not every architecture reaches are sampled as Optuna
samples conditional parameters: independently (or in groups, with `group` of TPESampler).

For each proposal, a new sampler is created, seeded from the generator, and given a study of the told trials and of the
pending ones (as RUNNING). A proposal is therefore a function of the history and the generator, and equals the one that
Optuna's own `study.ask` would make in such a study with a sampler of that seed. State that a sampler keeps outside of
the study is lost; those of `optuna.samplers` keep all relevant state in the study. Samplers that take no seed are
refused, and so are those of Optuna that cannot work here (`backends/optuna_samplers.py` says why).

Scores are maximised. Failed trials are told as pruned, which TPE counts as bad and other samplers ignore; before the
first success they are told as failed, which all samplers ignore.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from nas.arguments import Positive, checked
from nas.controllers.controller import draw_other
from nas.errors import UsageError
from nas.space import Space
from nas.trial import Proposal, Trial

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

TRIES = 3
"""How often a sampler is asked again if its suggestion is pending; after that, proposals are random."""


@checked
class OptunaController:
    """A controller that asks a sampler of Optuna.

    Args:
        space: where to search.
        sampler: name of a class in `optuna.samplers`, or in the package that `hub` names.
        settings: its arguments. The seed is not one of them: it follows from the run's.
        hub: a package of OptunaHub, such as `samplers/auto_sampler`. It is downloaded; `optunahub` must be installed.
        objectives: number of scores of a trial that the sampler is told.

    Raises:
        UsageError: there is no such sampler, it cannot be used here, or it does not take the settings.
    """

    name: ClassVar = "optuna"

    def __init__(
        self,
        space: Space,
        *,
        sampler: str = "TPESampler",
        settings: Mapping[str, Any] | None = None,
        hub: str | None = None,
        objectives: Positive = 1,
    ) -> None:
        from nas.controllers.backends.optuna_samplers import sampler_maker

        self._begin(space, sampler_maker(sampler, settings or {}, hub), objectives)

    @classmethod
    def of(cls, space: Space, make: Callable[[int], "BaseSampler"], *, objectives: int = 1) -> "OptunaController":
        """A controller that asks a sampler of your own; `make` returns a new one for a seed."""
        controller = cls.__new__(cls)
        controller._begin(space, make, objectives)
        return controller

    def _begin(self, space: Space, make: Callable[[int], "BaseSampler"], objectives: int) -> None:
        from nas.controllers.backends.optuna_history import History

        if objectives < 1:
            raise UsageError(f"objectives must be 1 or more, got {objectives}")
        self.space = space
        self._history = History(space, make, objectives)

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        flying = [proposal.architecture for proposal in pending]
        arch = draw_other(lambda: self._history.suggest(rng, flying), self.space, rng, pending, tries=TRIES)
        return Proposal(arch)

    def tell(self, trial: Trial) -> None:
        self._history.add(trial)
