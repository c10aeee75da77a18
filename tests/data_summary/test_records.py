"""The summary of a data set as plain data."""

import json

import numpy as np

from nas.data import from_arrays
from nas.data_summary import summarize_data


def test_a_summary_is_json() -> None:
    data = from_arrays(np.arange(40.0).reshape(20, 2), np.arange(20) % 2, name="some")
    summary = summarize_data(data)
    plain = json.loads(json.dumps(summary.to_dict()))
    assert plain["name"] == "some"
    assert [one["name"] for one in plain["targets"]["outputs"]] == ["0", "1"]
    assert [sum(one["counts"].values()) for one in plain["targets"]["outputs"]] == [10, 10]
