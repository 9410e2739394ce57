"""Several observers as one."""

from builders import RecordingObserver, outcome, record

from extproc.telemetry import Observers


def test_each_observer_is_told_everything() -> None:
    """Every event reaches every observer, in order and as it is."""
    first, second = RecordingObserver(), RecordingObserver()
    both, error = Observers([first, second]), RuntimeError("bug")

    both.decided(outcome())
    both.completed(record())
    both.failed(error)
    both.config_loaded("$.x: is wrong")
    both.config_loaded(None)

    for observer in (first, second):
        assert ([outcome()], [record()]) == (observer.outcomes, observer.records)
        assert ([error], ["$.x: is wrong", None]) == (observer.errors, observer.loads)


def test_no_observer_is_fine() -> None:
    """Nobody has to listen."""
    nobody = Observers([])

    nobody.decided(outcome())
    nobody.completed(record())
    nobody.failed(RuntimeError("bug"))
    nobody.config_loaded(None)
