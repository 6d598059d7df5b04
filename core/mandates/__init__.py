"""What one account may take: bracket, size with every clamp, guardrails, and the intake talk."""
