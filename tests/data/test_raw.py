"""Raw inputs."""

import numpy as np

from nas.data.raw import joined


def test_arrays_are_joined_in_order() -> None:
    found = joined(np.array(["a", "b"], object), np.array(["c"], object))
    assert isinstance(found, np.ndarray)
    assert found.tolist() == ["a", "b", "c"]
