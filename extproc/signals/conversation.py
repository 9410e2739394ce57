"""The shape of the conversation: turns, tools, images, the answer's form."""

from collections.abc import Mapping

from extproc.request import InferenceRequest


class Conversation:
    """Counts that stand in the request itself."""

    names = ("turns", "tools", "tool_results", "tool_loop", "images", "structured_output")

    def __call__(self, request: InferenceRequest, excerpt: str) -> Mapping[str, float]:
        """Every count, zero included."""
        del excerpt
        conversation = request.conversation
        return {
            "turns": float(conversation.user_turns),
            "tools": float(request.tools),
            "tool_results": float(conversation.tool_results),
            "tool_loop": float(conversation.in_tool_loop),
            "images": float(conversation.images),
            "structured_output": float(request.structured_output),
        }
