"""Models trained walk-forward on triple-barrier labels, measured out of sample, kept as text."""
