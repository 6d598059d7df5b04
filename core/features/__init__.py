"""Features of the whole panel in one pass, as they stood at each session's close."""
