"""The one way to a network: limits, retries on reads, a breaker, a cache and hard timeouts.

`Gate.ask` is the whole of it for a vendor's file: give it a key, how to fetch and how to read.
"""
