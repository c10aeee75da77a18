"""What a trained network gives away of the samples that it was trained on, measured by attacks."""
