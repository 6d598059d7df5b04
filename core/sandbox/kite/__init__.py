"""Zerodha's Kite Connect v3 as its own client and its official mocks speak it."""
