"""Brokers the desk can send orders to, one file each; only the worker opens a session.

`paper` is a broker over the embedded exchange with a journal file of its own; it is the outside
world and never touches the desk's store. `fake` puts scripted faults in front of it for tests.
"""
