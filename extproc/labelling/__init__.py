"""Labels of an operator's own: both tiers are asked, and each pair of answers is judged.

tasks       which conversations, from a file or from a decision log
client      asks an OpenAI-compatible address, at a bounded rate
estimate    what it will cost, before anything is asked
graders     by an exact answer, by a judge model, or by hand
journal     what is known so far: on the disk before the next step is taken
run         all of it for many tasks, until they are done or somebody says stop
"""
