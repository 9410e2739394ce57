"""What is asked of shared state."""

from state_builders import COUNT, count

from extproc.state import Call, Memory


def test_a_call_without_arguments_has_none() -> None:
    """Keys are never left out."""
    assert () == Call(operation=COUNT, keys=("a",)).args


def test_an_operation_does_locally_what_its_script_does() -> None:
    """It gets the memory, the keys and the arguments."""
    memory, call = Memory(), count("a", 3)
    results = [call.operation.local(memory, call.keys, call.args) for _ in range(2)]

    assert [3, 6] == results
