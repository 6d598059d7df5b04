"""Work for a lane's child process."""

import os


def which_process() -> str:
    """The child's process id."""
    return str(os.getpid())


def die() -> str:
    """End the child as a crash would."""
    os._exit(9)
