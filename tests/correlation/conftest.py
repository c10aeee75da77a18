"""Proxies that were judged."""

import numpy as np
import pytest

from nas.correlation.judged import ProxyComparison, judge
from nas.statistics.correlation import Values

COUNT = 100


@pytest.fixture(scope="module")
def found() -> ProxyComparison:
    """A proxy that is better than the parameters, one that is as good, one that says nothing, and a constant one."""
    rng = np.random.default_rng(0)
    quality = rng.normal(size=COUNT)

    def noisy(spread: float) -> Values:
        return quality + rng.normal(0, spread, COUNT)

    params = noisy(1.5)
    scores = {
        "params": params,
        "macs": np.where(np.arange(COUNT) < 3, -np.inf, params + rng.normal(0, 0.1, COUNT)),
        "synflow": noisy(0.2),
        "jacob_cov": rng.normal(size=COUNT),
        "naswot": np.full(COUNT, -np.inf),
    }
    proxies, between = judge(scores, quality, resamples=400)
    return ProxyComparison("demo", "val_acc", "trained here", COUNT, 2, proxies, between)
