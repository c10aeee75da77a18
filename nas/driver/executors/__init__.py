"""What evaluates the proposals of a search: one after the other, or in simulated time."""
