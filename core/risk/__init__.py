"""What an account could lose: volatility, tails, exposure, scenarios, and what stops it."""
