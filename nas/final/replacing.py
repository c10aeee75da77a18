"""What is handed over in place of the selected network, made in this process."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from nas.events import EpochEnded, OnEvent, unread
from nas.final.ensemble import ensemble_of
from nas.final.finalist import Finalist, final_seed
from nas.final.joining import train_joined
from nas.final.last_step import Ensemble, cost_of, ensembled
from nas.final.networks import stored_form
from nas.final.replacement import Replacement
from nas.model import Network
from nas.training.recipe import Recipe
from nas.training.workbench import Workbench


class Made(NamedTuple):
    """A network, and what is known of it, without its metrics on the validation data."""

    network: Network
    replacement: Replacement


Make = Callable[[Finalist, Sequence[Finalist]], Made | None]
"""Makes what is handed over in place of the selected network, given all finalists that could be selected; None: it is
handed over itself. Raises EvaluationFailed."""


def joined_made(
    bench: Workbench, chosen: Finalist, recipe: Recipe, *, seed: int, on_event: OnEvent | None = None
) -> Made:
    """The selected network, trained on the training and the validation samples with the seed of its first training.

    Args:
        bench: the data set, device and precision.
        chosen: the selected finalist.
        recipe: of the training.
        seed: that of the final stage.
        on_event: called with an `EpochEnded` for each epoch.

    Raises:
        EvaluationFailed: the training failed.
    """
    assert chosen.trial is not None  # noqa: S101  it comes from a search
    number, arch, post = chosen.trial, chosen.architecture, on_event or unread

    def on_epoch(epoch: int, metrics: Mapping[str, float]) -> None:
        post(EpochEnded(number, epoch, metrics))

    trained = train_joined(bench, arch, recipe, seed=final_seed(seed, number), on_epoch=on_epoch)
    replacement = Replacement("joined", 1, arch.params, arch.macs, trained.seconds, single=chosen.own)
    return Made(stored_form(trained.network), replacement)


def ensemble_made(bench: Workbench, chosen: Finalist, able: Sequence[Finalist], kind: Ensemble) -> Made | None:
    """The ensemble of finalists, or of the trainings of one; None: it would consist of one network.

    Args:
        bench: its task says what is averaged.
        chosen: the selected finalist.
        able: all that could be selected.
        kind: which networks.
    """
    members = ensembled(kind, chosen, able)
    if kind == "none" or len(members) < 2:
        return None
    networks = chosen.networks if kind == "seeds" else [one.network for one in members]
    return Made(ensemble_of(networks, bench.task), cost_of(kind, members))
