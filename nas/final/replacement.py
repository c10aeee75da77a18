"""What is handed over in place of the selected network, with its cost and its gain.

Importing this does not load torch.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from nas.errors import IntegrityError


@dataclass(frozen=True)
class Replacement:
    """What is handed over in place of the selected network: that of the first training of the selected finalist.

    Attributes:
        what: `joined`: a network of the same architecture, trained on the training and the validation samples. `seeds`:
            the ensemble of the networks of all of its trainings. `finalists`: that of the selected network and the
            other finalists that could be selected, each by its first training.
        members: the number of networks in it.
        params: its parameters.
        macs: its MACs for one sample.
        seconds: what its trainings took beside that of the selected network.
        val: its metrics on the validation data, with thresholds of labels that are not tuned; empty: it was trained on
            them.
        single: those of the selected network, likewise.
    """

    what: Literal["joined", "seeds", "finalists"]
    members: int
    params: int
    macs: int
    seconds: float
    val: Mapping[str, float] = field(default_factory=dict)
    single: Mapping[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


_REPLACEMENT: TypeAdapter[Replacement] = TypeAdapter(Replacement)


def replacement_of(record: Mapping[str, Any] | None) -> Replacement | None:
    """What `Replacement.to_dict` returned, also after JSON; None for None.

    Raises:
        IntegrityError: the record is of another form.
    """
    if record is None:
        return None
    try:
        return _REPLACEMENT.validate_python(dict(record))
    except ValidationError as error:
        raise IntegrityError(f"what is known of the network that is handed over has another form: {error}") from error
