"""What networks are made of: layers, and cells of layers."""
