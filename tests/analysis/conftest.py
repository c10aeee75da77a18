"""Fixtures of comparisons."""

from tests.comparisons import comparison as comparison
from tests.comparisons import make_results as make_results
from tests.comparisons import space as space
from tests.comparisons import table as table
