"""The desk of a morning, for the tests of faults and races."""

from tests.desk.conftest import any_morning, desk_home, morning

__all__ = ["any_morning", "desk_home", "morning"]
