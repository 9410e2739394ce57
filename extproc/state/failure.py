"""Why Redis gave no answer."""


class Failure(Exception):
    """Raised where Redis did not answer: `kind` is `timeout`, `connection` or `response`."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind
