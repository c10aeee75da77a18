"""Walks through a space: the graph of their states, limits by look-ahead, and reachable options."""
