"""Features of a trained network for other tasks: its layers up to some place, with a new head."""
