"""The judge: what speaks for a trade, what against, and where each number came from."""
