"""What to do next about a plan, an order, a protection or a difference; deciding only.

Nothing here sends, reads or knows the time: `core.desk` passes in what it read and carries out
the one step it is given.
"""
