"""The day in words: Markdown from facts that were handed in."""
