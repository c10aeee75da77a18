"""What is said of proxies."""

import json

import numpy as np
import pytest

from nas.correlation.judged import ProxyComparison, judge
from nas.correlation.text import WIDTH, show_proxies
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


def test_they_are_in_the_order_of_their_correlations(found: ProxyComparison) -> None:
    by_name = {one.name: one for one in found.proxies}
    names = list(by_name)
    assert (names[0], names[-2:]) == ("synflow", ["jacob_cov", "naswot"])
    assert [name for name, one in by_name.items() if one.better_than_size] == ["synflow"]
    best, noise, constant = (by_name[name] for name in ("synflow", "jacob_cov", "naswot"))
    assert best.spearman is not None
    assert best.top is not None
    assert best.spearman.value > 0.9 > best.top
    assert by_name["params"].gain is None
    assert by_name["macs"].undefined == 3
    assert noise.spearman is not None
    assert noise.spearman.low < 0 < noise.spearman.high
    assert (constant.spearman, constant.kendall, constant.gain, constant.undefined) == (None, None, None, COUNT)
    assert found.between["params"]["naswot"] is None


def test_the_difference_is_paired(found: ProxyComparison) -> None:
    """Proxies that are nearly the same differ by little, though the interval of each is wide."""
    macs = next(one for one in found.proxies if one.name == "macs")
    assert macs.gain is not None
    assert macs.spearman is not None
    assert macs.gain.high - macs.gain.low < (macs.spearman.high - macs.spearman.low) / 1.3


def test_few_networks_have_no_top() -> None:
    quality = np.arange(20.0)
    (only,), _ = judge({"params": quality}, quality, resamples=20)
    assert only.top is None
    assert only.spearman is not None
    assert (only.spearman.value, only.spearman.high) == pytest.approx((1, 1))


def test_the_text_fits_a_terminal_and_warns(found: ProxyComparison) -> None:
    text = show_proxies(found)
    assert max(map(len, text.splitlines())) <= WIDTH
    plain = " ".join(text.split())
    assert "demo: 100 networks, 2 left out because they failed" in plain
    assert "Better than the number of parameters: synflow." in plain
    assert "Warning: params alone does as well as macs and jacob_cov, as far as this sample shows" in plain
    assert "Undefined, and ranked last: macs for 3 networks and naswot for 100 networks." in plain


def test_it_is_plain_data(found: ProxyComparison) -> None:
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["proxies"][0]["name"] == "synflow"
    assert plain["proxies"][0]["better_than_params"] is True
    assert set(plain["proxies"][0]["spearman"]) == {"value", "low", "high", "level"}
    assert plain["between"]["synflow"]["synflow"] == pytest.approx(1)
