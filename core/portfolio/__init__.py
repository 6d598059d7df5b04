"""Weights for a set of shares, the frontier they come from, and the trades that reach them."""
