"""Simulated searches: problems with known results, and runs of controllers on them, in parallel."""
