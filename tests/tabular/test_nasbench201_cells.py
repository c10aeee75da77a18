"""The cells of NAS-Bench-201: their notation, their codes, and values by cell."""

import numpy as np
import pytest

from nas.errors import UsageError
from nas.tabular.nasbench201_cells import EDGES, OPS, ROWS, aligned, codes_of, members_of_codes, spelling


def test_texts_of_cells() -> None:
    text = "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|none~2|"
    assert codes_of(text) == (4, 2, 1, 2, 1, 0)
    for wrong in ("", "|none~0|", text.replace("~2", "~1"), text.replace("none", "sep_conv")):
        with pytest.raises(UsageError):
            codes_of(wrong)


def test_members() -> None:
    members = members_of_codes(np.array([[0, 1, 2, 3, 4, 0]], dtype=np.int16))
    assert members.names == EDGES
    assert members.choices(0) == tuple(zip(EDGES, [OPS[code] for code in (0, 1, 2, 3, 4, 0)], strict=True))


def test_values_are_found_by_their_cells() -> None:
    rng = np.random.default_rng(0)
    every = np.stack(np.unravel_index(rng.permutation(ROWS), (len(OPS),) * len(EDGES)), axis=1)
    values = rng.random(ROWS).astype(np.float32)
    order = rng.permutation(ROWS)
    assert (aligned(every[order], every, values) == values[order]).all()
    some = aligned(every[:4], every[2:4], values[2:4])
    assert np.isnan(some[:2]).all()
    assert (some[2:] == values[2:4]).all()
    for wrong in (every[:, :5], every - 1, every + 1):
        with pytest.raises(UsageError, match="are not cells of NAS-Bench-201"):
            aligned(wrong, every, values)


def test_spellings() -> None:
    none, skip, conv = OPS[0], OPS[1], OPS[3]
    assert spelling([skip] + [none] * 5) == "#+#+#", "the output reads zeros"
    assert spelling([none, none, none, conv, none, none]) == "#+#+(0)@nor_conv_3x3"
    assert spelling([conv, none, skip, none, none, skip]) == "#+#+#+(0)@nor_conv_3x3", (
        "a skip has the text of its source"
    )
