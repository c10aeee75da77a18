"""Comparisons of proxies as text."""

from nas.correlation.judged import ProxyComparison
from nas.correlation.text import WIDTH, show_proxies


def test_the_text_fits_a_terminal_and_warns(found: ProxyComparison) -> None:
    text = show_proxies(found)
    assert max(map(len, text.splitlines())) <= WIDTH
    plain = " ".join(text.split())
    assert "demo: 100 networks, 2 left out because they failed" in plain
    assert "Better than the number of parameters: synflow." in plain
    assert "Warning: params alone does as well as macs and jacob_cov, as far as this sample shows" in plain
    assert "Undefined, and ranked last: macs for 3 networks and naswot for 100 networks." in plain
