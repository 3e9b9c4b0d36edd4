"""Saying that kernels are being compiled, which can take a minute when a method is used for the first time."""

from collections.abc import Callable
from threading import Timer

from numba.core import event

_KIND = "numba:compile"


class _Waiting(event.Listener):
    """Calls a function once, when a compilation has taken some time."""

    def __init__(self, tell: Callable[[], None], after: float) -> None:
        self._tell, self._after = tell, after
        self._running: list[Timer] = []
        self._told = False

    def on_start(self, event):
        """A kernel, or one that it calls, begins to be compiled."""
        timer = Timer(self._after, self._say)
        timer.daemon = True
        self._running.append(timer)
        timer.start()

    def on_end(self, event):
        """It has been compiled."""
        self._running.pop().cancel()

    def _say(self) -> None:
        if not self._told:
            self._told = True
            self._tell()


def tell_when_compiling(tell: Callable[[], None], after: float = 1.0) -> Callable[[], None]:
    """Call a function, from another thread, when the first kernel takes longer than so many seconds to compile.

    Args:
        tell: Called at most once.
        after: Seconds.

    Returns:
        A function that ends this.
    """
    listener = _Waiting(tell, after)
    event.register(_KIND, listener)
    return lambda: event.unregister(_KIND, listener)
