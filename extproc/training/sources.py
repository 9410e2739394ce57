"""What the training data's public repositories hold: which models are small, which rows belong.

Left out: `llama3-chatqa-*` and `nemotron-super-49b`, whose answers fail by format, not by content.
A family is what is left out together, because its benchmarks share a source or a task.
"""

from collections.abc import Mapping
from typing import Final

SMALL: Final = frozenset(
    {
        # mmlu_pro
        "Llama-2-13b-hf", "Llama-2-7b-hf", "Meta-Llama-3-8B", "Meta-Llama-3_1-8B",
        "Meta-Llama-3_1-8B-Instruct", "Mistral-7B-Instruct-v0.1", "Mistral-7B-Instruct-v0.2",
        "Mistral-7B-v0.1", "Mistral-7B-v0.2-hf", "Phi-3-mini-4k-instruct", "Qwen1.5-7B-Chat",
        "Yi-6B", "Yi-6b-Chat", "gemma-7b", "mathstral-7B",
        # ulab_llmrouter
        "codegemma-7b", "gemma-2-9b-it", "llama-3.1-8b-instruct", "mistral-7b-instruct-v0.3",
        "qwen2.5-7b-instruct",
        # zeroeval
        "Meta-Llama-3-8B-Instruct", "Meta-Llama-3.1-8B-Instruct", "Phi-3.5-mini-instruct",
        "Qwen2-7B-Instruct", "Qwen2.5-3B-Instruct", "Qwen2.5-7B-Instruct", "Yi-1.5-9B-Chat",
        "gemma-2-2b-it", "gpt-4o-mini-2024-07-18", "gpt-3.5-turbo-0125",
    }
)  # fmt: skip
"""Models of the fast tier's class: up to 14B parameters, or their vendor's small one."""

STRONG: Final = frozenset(
    {
        "gemini-1.5-pro-002", "Meta-Llama-3_1-70B-Instruct", "llama-3.1-nemotron-51b-instruct",
        "o1-mini-2024-09-12", "o1-preview-2024-09-12", "gpt-4o-2024-05-13", "gpt-4o-2024-08-06",
    }
)  # fmt: skip
"""Models of the reasoning tier's class. Only the evaluation looks at them."""

FAMILIES: Final[Mapping[str, str]] = {
    "ulab-natural_qa": "open questions",
    "ulab-trivia_qa": "open questions",
    "ulab-mbpp": "code writing",
    "ulab-human_eval": "code writing",
    "ulab-openbook_qa": "school science",
    "ulab-arc_challenge": "school science",
    "ulab-math": "competition mathematics",
    "zeroeval-math-l5": "competition mathematics",
}
"""A benchmark that is not named here is a family of its own."""

UNTAUGHT: Final = ("zeroeval-numersense-v2",)
"""Families that are evaluated but never trained on: 512 wordings of some ten comparisons ("9.9 or
9.11") are ten prompts, not a benchmark."""

_BY_CATEGORY: Final[Mapping[str, str]] = {
    "math": "mathematics",
    "computer science": "code",
    "physics": "science",
    "chemistry": "science",
    "engineering": "science",
}
_BY_BENCHMARK: Final[Mapping[str, str]] = {
    "ulab-math": "mathematics",
    "zeroeval-math-l5": "mathematics",
    "zeroeval-crux": "code",
    "ulab-mbpp": "code",
    "ulab-human_eval": "code",
    "ulab-gpqa": "science",
    "ulab-agentverse-logicgrid": "logic",
    "ulab-commongen": "writing",
}


def family(benchmark: str) -> str:
    """What is left out together with a benchmark."""
    return FAMILIES.get(benchmark, benchmark)


def domain(benchmark: str, category: str) -> str:
    """The domain that a row teaches the gate; what is no other domain's is knowledge."""
    return _BY_BENCHMARK.get(benchmark) or _BY_CATEGORY.get(category, "knowledge")
