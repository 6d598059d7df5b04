"""Upstox's API v2 and v3 as its own client and its documents speak it."""
