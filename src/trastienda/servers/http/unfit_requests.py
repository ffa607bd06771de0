"""What may be wrong with a request before anybody looks at what it asks for."""


class PayloadTooLargeError(Exception):
    """The body is larger than any that a shop sends."""


class UnsupportedMediaError(Exception):
    """The body is not what the route reads."""


class GoneError(Exception):
    """The client has left before the request was complete."""
