"""Points in time as numbers."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

DatePart = Literal["day", "year", "month", "day_of_month", "weekday", "second"]
"""`day`: days since 1970-01-01. `weekday`: from 0, Monday. `second`: of the day, with its fraction."""

DATE_PARTS: tuple[DatePart, ...] = ("day", "year", "month", "day_of_month", "weekday", "second")


def date_part(times: NDArray[Any], part: DatePart) -> NDArray[np.float64]:
    """A part of points in time, `(N,)`; NaN where the time is missing.

    Args:
        times: `(N,)` datetime64[us].
        part: which one.
    """
    days = times.astype("datetime64[D]")
    match part:
        case "day":
            found = days - np.datetime64(0, "D")
        case "year":
            found = times.astype("datetime64[Y]") - np.datetime64(0, "Y") + 1970
        case "month":
            found = times.astype("datetime64[M]") - times.astype("datetime64[Y]").astype("datetime64[M]") + 1
        case "day_of_month":
            found = days - times.astype("datetime64[M]").astype("datetime64[D]") + 1
        case "weekday":
            found = (days - np.datetime64("1970-01-05", "D")) % np.timedelta64(7, "D")
        case "second":
            found = (times - days.astype("datetime64[us]")) / np.timedelta64(1, "s")
    if found.dtype.kind == "m":
        numbers = found.astype(np.int64).astype(np.float64)
        return np.where(np.isnat(times), np.nan, numbers)
    return found.astype(np.float64)
