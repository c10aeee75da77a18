"""Simulated searches: problems, and runs of controllers on them, in parallel."""
