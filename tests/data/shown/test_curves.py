"""Series as curves."""

import numpy as np

from nas.data.shown.curves import CHANNELS, POINTS, curves


def test_long_series_are_thinned_out_with_their_ends() -> None:
    found = curves(np.stack([np.arange(1000), -np.arange(1000)]))
    assert [len(channel) for channel in found.channels] == [POINTS, POINTS]
    assert (found.channels[0][0], found.channels[0][-1], found.channels[1][-1]) == (0, 999, -999)


def test_channels_that_are_left_out_are_counted() -> None:
    found = curves(np.zeros((CHANNELS + 3, 4), np.float32))
    assert (len(found.channels), found.left_out) == (CHANNELS, 3)
    assert found.channels[0] == (0.0,) * 4
