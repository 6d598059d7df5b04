"""The desk replayed: the same use cases, a clock that steps, a paper broker, a scratch store."""
