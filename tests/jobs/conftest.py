"""The desk of a morning, for the tests of the worker."""

from tests.desk.conftest import any_morning, desk_home, morning

__all__ = ["any_morning", "desk_home", "morning"]
