"""How well zero-cost proxies rank the networks of a space: `judged` (correlations), `proxies`, `text`."""
