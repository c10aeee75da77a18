"""Raw inputs by name."""

import numpy as np

from nas.data.inputs.named import Named


def test_parts_and_their_union() -> None:
    whole = Named(["a", "b", "c"], np.arange(6).reshape(3, 2))
    parts = whole[np.array([2])], whole[np.array([0, 1])]
    assert [len(part) for part in (whole, *parts)] == [3, 1, 2]
    again = parts[1].joined(parts[0])
    assert again.names == whole.names
    assert np.array_equal(np.asarray(again.raw), np.asarray(whole.raw))
