"""What the market's own numbers say: adjustment, breaks, quality. Pure, on arrays."""
