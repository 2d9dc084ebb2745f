"""What all taps do: cut a passing stream into frames, and look only at the few that tell."""

from ccproxy_tui.protocols.base import TapState
from ccproxy_tui.protocols.sse import FrameSplitter, FrameTooLongError, read_frame


class StreamTap:
    """Reads a stream that is relayed as it is; a protocol says which frames tell, and what."""

    def __init__(self) -> None:
        self.state = TapState()
        self._frames = FrameSplitter()
        self._blind = False

    def feed(self, data: bytes) -> None:
        """Look at more bytes of the stream, cut anywhere."""
        if self._blind:
            return
        try:
            frames = self._frames.feed(data)
        except FrameTooLongError:
            self._blind = True
            return
        for frame in frames:
            if self.tells(frame) and (event := read_frame(frame)) is not None:
                self.note(*event)

    def tells(self, frame: bytes) -> bool:
        """Whether the frame is worth parsing; called for each, so it has to be cheap."""
        raise NotImplementedError

    def note(self, event: str, data: bytes) -> None:
        """Take from a frame what it tells."""
        raise NotImplementedError
