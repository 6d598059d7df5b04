"""Sandbox brokers: servers on loopback that speak a broker's protocol over the exchange.

Nothing here reaches a real broker; a desk that is pointed at a sandbox trades on paper.
"""
