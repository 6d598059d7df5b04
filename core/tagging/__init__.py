"""Headline in, tags out: which share, what kind of event, which way it leans, by rules."""
