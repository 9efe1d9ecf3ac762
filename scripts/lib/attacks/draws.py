"""Who may rely on the roster as it is, and who may change it for a moment."""

import contextlib
import threading


class Draws:
    """Attacks that wait for a draw share the roster; an attack that has to choose who is drawn has it alone, once nobody
    shares it."""

    def __init__(self):
        self._changed = threading.Condition()
        self._sharing, self._alone = 0, False

    @contextlib.contextmanager
    def shared(self):
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._sharing += 1
        try:
            yield
        finally:
            self._leave()

    @contextlib.contextmanager
    def alone(self):
        """The roster for one attack alone; what is yielded shares it with others from its call on."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone and not self._sharing)
            self._alone = True
        try:
            yield self._share
        finally:
            self._leave()

    def _share(self):
        with self._changed:
            self._alone, self._sharing = False, 1
            self._changed.notify_all()

    def _leave(self):
        with self._changed:
            if self._alone:
                self._alone = False
            else:
                self._sharing -= 1
            self._changed.notify_all()
