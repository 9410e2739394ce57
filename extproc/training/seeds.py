"""Hand-written prompts, phrased as people write to a chat model, not as benchmarks do.

They teach the gate what each domain looks like outside a benchmark. Small talk has no labels at all
and writing next to none, so their error is an assumption, not a measurement: a small model does
these well more often than not. The others have no error and teach the gate alone. Nothing is
evaluated here.
"""

from collections.abc import Mapping
from typing import Final

from extproc.training.dataset import Row

ASSUMED_ERROR: Final[Mapping[str, float]] = {"chat": 0.25, "writing": 0.25}

PROMPTS: Final[Mapping[str, tuple[str, ...]]] = {
    "chat": (
        "hello",
        "hi there, how are you today?",
        "good morning!",
        "thanks, that helped a lot",
        "what is your name?",
        "who are you and what can you do for me",
        "tell me a joke",
        "I am bored, let us talk about something fun",
        "what should I have for dinner tonight?",
        "I had a bad day at work and feel a bit down",
        "do you like music? which bands are your favourite?",
        "can you recommend a good film for the weekend?",
        "happy birthday to me, I turn thirty today",
        "my cat keeps waking me up at night, any ideas?",
        "what is a nice gift for my mother?",
        "yes please",
        "ok, go on",
        "no, I meant the other one",
        "pretend you are a friendly pirate and chat with me",
        "let us play a game, you are a shopkeeper and I am a customer",
        "bye, see you tomorrow",
        "how do I stay motivated to exercise in winter?",
        "which is better for a holiday, the beach or the mountains?",
        "I cannot sleep, talk to me for a while",
    ),
    "writing": (
        "Write a poem about the sea in autumn.",
        "Write a short story about a dragon who is afraid of fire.",
        "Draft an email to my landlord asking to repair the heating.",
        "Write a cover letter for a job as a nurse.",
        "Summarise the following article in three sentences.",
        "Summarize this meeting in bullet points for my team.",
        "Translate this paragraph into Spanish.",
        "Translate to German: where is the nearest station?",
        "Rewrite this sentence so that it sounds more formal.",
        "Fix the spelling and grammar in the text below.",
        "Make this paragraph shorter and friendlier.",
        "Write a product description for a wooden desk lamp.",
        "Come up with ten names for a small bakery.",
        "Write a tweet that announces our new coffee menu.",
        "Compose a blog post about a trip to Hawaii, with the sights that one must see.",
        "Write a birthday speech for my grandfather, warm and a little funny.",
        "Describe a rainy street at night in vivid detail.",
        "Act as a travel guide and describe the old town to a visitor.",
        "Write a dialogue between a king and a gardener.",
        "Turn these notes into a polite reply to a customer.",
        "Write song lyrics about leaving home.",
        "Give me a headline and a subtitle for this news story.",
        "Paraphrase the text below in simple English.",
        "List five slogans for a campaign to save water.",
    ),
    "code": (
        "Write a Python function that merges two sorted lists.",
        "Why does this loop never end? I get no error, it just hangs.",
        "Implement a thread-safe queue in C++ and explain the memory ordering.",
        "Refactor this class so that it can be tested without a database.",
        "How do I join three tables in SQL and keep the rows without a match?",
        "Explain this stack trace and suggest a fix.",
        "Write a regular expression that matches an IPv4 address.",
        "Write a Dockerfile for a small Flask app.",
        "My React component renders twice, what is wrong with my hook?",
        "Design a REST API for a booking service, with the endpoints and status codes.",
        "What is the time complexity of this algorithm?",
        "Write unit tests for the parser below.",
        "Convert this JavaScript to TypeScript with strict types.",
        "Implement an LRU cache with constant time operations.",
        "How can I profile a slow Java program in production?",
        "Write a bash script that deletes log files older than a week.",
    ),
    "mathematics": (
        "Prove that there are infinitely many primes.",
        "Integrate x squared times e to the minus x from zero to infinity.",
        "Solve the equation x^2 - 5x + 6 = 0.",
        "What is the probability of at least two sixes in four rolls of a die?",
        "Show that the square root of two is irrational.",
        "Find all integers n such that n^2 + 1 is divisible by 5.",
        "A train leaves at 3 pm at 60 mph and another at 4 pm at 80 mph. When do they meet?",
        "Find the eigenvalues of this matrix.",
        "How many ways are there to seat eight people at a round table?",
        "What is 17 percent of 2340?",
        "Derive the formula for the sum of a geometric series.",
        "If 3 apples cost 2 dollars, how much do 12 apples cost?",
        "Compute the limit of sin(x)/x as x goes to zero.",
        "Prove by induction that the sum of the first n odd numbers is n squared.",
        "What is the derivative of ln(cos x)?",
        "A tank fills in 6 hours and drains in 9. How long with both open?",
    ),
    "science": (
        "Why does ice float on water?",
        "Compute the pressure of two moles of an ideal gas at 300 K in 10 litres.",
        "Balance this chemical equation and name the products.",
        "Explain the photoelectric effect and what it says about light.",
        "A ball is thrown upwards at 20 m/s. How high does it go?",
        "What is the pH of a 0.1 molar solution of acetic acid?",
        "Derive the period of a pendulum for small angles.",
        "How does a transistor amplify a signal?",
        "What is the voltage across the second resistor in this circuit?",
        "Explain entropy to a student of engineering.",
        "Why is the sky blue and the sunset red?",
        "Estimate the heat lost through a brick wall in one night.",
    ),
    "knowledge": (
        "Who wrote the first dictionary of English?",
        "What is the capital of Mongolia?",
        "When did the Berlin Wall fall?",
        "What are the causes of inflation?",
        "Which organ makes insulin?",
        "Explain the difference between a virus and a bacterium.",
        "How does the electoral college work?",
        "What did Freud mean by the ego?",
        "Compare fiscal and monetary policy.",
        "Which river is the longest in Africa?",
        "Why do leaves change colour in autumn?",
        "What are the duties of a trustee under common law?",
    ),
    "logic": (
        "Three friends own a cat, a dog and a fish. Ann has no fur at home. Who owns what?",
        "One of two guards always lies. Which single question finds the way out?",
        "All bloops are razzies and all razzies are lazzies. Are all bloops lazzies?",
        "Five houses in a row have five colours. Use the clues to find who keeps the zebra.",
        "If it rains the street is wet. The street is wet. Did it rain?",
        "Is this argument valid? Name the premises and the conclusion.",
        "A says B lies, B says C lies, C says both lie. Who tells the truth?",
        "Plan the crossing: a wolf, a goat, a cabbage and one small boat.",
        "Seat six guests so that no two rivals sit side by side, with these constraints.",
        "Tom is taller than Jim and Jim is taller than Bob. Who is the shortest?",
    ),
}


def rows() -> tuple[Row, ...]:
    """The prompts as rows, each domain a benchmark and a family of its own."""
    return tuple(
        Row(
            benchmark=f"seed-{domain}",
            family=f"seed-{domain}",
            domain=domain,
            prompt=prompt,
            error=ASSUMED_ERROR.get(domain),
        )
        for domain, prompts in PROMPTS.items()
        for prompt in prompts
    )
