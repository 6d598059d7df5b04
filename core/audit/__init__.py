"""The record away from its database: check an exported chain and say each entry in words."""
