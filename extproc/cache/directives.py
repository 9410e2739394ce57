"""What a client says of caches: the directives of `cache-control` that mean something here.

    no-store         neither look nor keep
    no-cache         do not look, but keep the new answer; max-age=0 says the same
    max-age=SECONDS  an answer so old will do, even where the request is not deterministic

After RFC 9111, section 5.2.1; the others are left alone, as it says unknown ones are to be.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Directives:
    """`max_age` is in seconds, or None where the client said nothing of it."""

    look: bool = True
    keep: bool = True
    max_age: float | None = None

    @property
    def asked(self) -> bool:
        """Whether the client itself wants an answer that may be old."""
        return self.look and bool(self.max_age)


def read(header: str) -> Directives:
    """The header's value; what cannot be read is as if it was not there."""
    said = {}
    for part in header.lower().split(","):
        name, _, value = part.partition("=")
        said[name.strip()] = value.strip().strip('"')
    if "no-store" in said:
        return Directives(look=False, keep=False)
    age = said.get("max-age", "")
    max_age = float(age) if age.isdecimal() and age.isascii() else None
    return Directives(look="no-cache" not in said and max_age != 0, max_age=max_age)
