"""What is said of proxies."""

import json

import numpy as np
import pytest

from nas.correlation.judged import ProxyComparison, judge


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
    assert (constant.spearman, constant.kendall, constant.gain, constant.undefined) == (
        None,
        None,
        None,
        found.networks,
    )
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


def test_it_is_plain_data(found: ProxyComparison) -> None:
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["proxies"][0]["name"] == "synflow"
    assert plain["proxies"][0]["better_than_params"] is True
    assert set(plain["proxies"][0]["spearman"]) == {"value", "low", "high", "level"}
    assert plain["between"]["synflow"]["synflow"] == pytest.approx(1)
