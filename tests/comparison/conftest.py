"""Fixtures of comparisons."""

from tests.comparisons import comparison as comparison
from tests.comparisons import comparison_file as comparison_file
from tests.comparisons import space as space
from tests.comparisons import table as table
