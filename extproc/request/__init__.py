"""A client's request, read once into a partial, typed, read-only view.

Only what routing looks at is declared; unknown fields are the tier's business. Nothing here knows
of Envoy, and nothing but `RequestError` leaves `parse`.
"""

from extproc.request.conversation import Conversation, Excerpt, Segment
from extproc.request.fields import Edit, Span, spans, splice
from extproc.request.inference import Api, InferenceRequest, parse

__all__ = [
    "Api",
    "Conversation",
    "Edit",
    "Excerpt",
    "InferenceRequest",
    "Segment",
    "Span",
    "parse",
    "spans",
    "splice",
]
