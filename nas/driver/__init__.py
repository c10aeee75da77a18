"""The search loop, and the studies that it writes to."""
