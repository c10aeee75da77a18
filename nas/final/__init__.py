"""The final stage of a search: full training of the best networks, selection of one, and its export."""

PREDICTIONS, DIAGNOSIS = "predictions.npz", "diagnosis.json"
"""What the selected network predicts for the test data, and where it is right and wrong."""
