"""Parts of points in time, held against Python's own."""

from datetime import datetime

import numpy as np

from nas.data.preparation.dates import DATE_PARTS, date_part


def test_parts_are_those_of_python() -> None:
    texts = ["1969-12-31T23:59:59.5", "1970-01-01", "2000-02-29T12:30", "2024-12-31T00:00:01", "1582-10-15"]
    times = np.array([*texts, "NaT"], "datetime64[us]")
    found = np.stack([date_part(times, part) for part in DATE_PARTS], axis=1)
    for text, row in zip(texts, found, strict=False):
        time = datetime.fromisoformat(text)
        day = (time - time.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
        ordinal = time.toordinal() - datetime(1970, 1, 1).toordinal()
        assert row.tolist() == [ordinal, time.year, time.month, time.day, time.weekday(), day]
    assert np.isnan(found[-1]).all()
