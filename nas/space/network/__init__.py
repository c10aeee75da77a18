"""The elements of networks: layers, and cells of layers."""
