"""What a trained network knows: what its answers rest on, which training samples it finds alike, how much its layers
resemble those of another network, and rules that answer as it does.

Importing this, `columns` or `tree` loads neither torch nor scikit-learn.
"""
