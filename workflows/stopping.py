"""Whether a worker has been told to stop. Floor 5.

A signal may arrive at any moment, so its handler only sets a flag; a pipe that the interpreter
writes to at the same moment ends a wait.
"""

import os
import signal
from types import FrameType


class StopSign:
    """Set by SIGTERM from then on; `fileno` becomes readable when it is."""

    def __init__(self) -> None:
        self.is_set = False
        self._reader, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self._on_signal)

    def fileno(self) -> int:
        """The end of the pipe to wait on."""
        return self._reader

    def ring(self) -> None:
        """End a wait from another thread."""
        os.write(self._writer, b"\0")

    def clear_ring(self) -> None:
        """Forget the bytes that ended a wait."""
        try:
            os.read(self._reader, 4096)
        except BlockingIOError:
            return

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        self.is_set = True
