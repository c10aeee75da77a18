"""The final stage of a search: full training of the best networks, selection of one, and its export."""

ARCHITECTURE, WEIGHTS, PREPARATION = "architecture.yaml", "model.safetensors", "preparation.json"
"""The files that predictions need: the layers, their weights, and how inputs are prepared and outputs are read."""

MODEL = "model.py"
"""The code of the network."""

PREDICT = "predict.py"
"""The code that prepares raw inputs and predicts."""

NETWORK_FILES = (ARCHITECTURE, WEIGHTS, MODEL, PREPARATION, PREDICT)
"""The files of an exported network."""

PREDICTIONS, DIAGNOSIS = "predictions.npz", "diagnosis.json"
"""What the selected network predicts for the test data, and where it is right and wrong."""
