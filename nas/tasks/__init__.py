"""What a network is trained to do. Importing this loads no torch."""
