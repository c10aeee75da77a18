"""Raw inputs by name."""

import numpy as np

from nas.data.inputs.named import Named


def test_there_are_as_many_as_names() -> None:
    assert len(Named(["a", "b"], np.zeros((2, 3)))) == 2
