"""Unit tests of injected faults."""

import msgspec
import pytest

from extproc.engines.sim.faults import NONE, Fault, Faults


class TestFault:
    """A fault as it is written."""

    @pytest.mark.parametrize(
        "body",
        [
            b'{"status":200}',
            b'{"metrics_status":600}',
            b'{"health_status":0}',
            b'{"probability":1.5}',
            b'{"delay_seconds":-1}',
            b'{"after_tokens":-1}',
            b'{"count":0}',
            b'{"reset":"sometimes"}',
            b'{"surprise":true}',
        ],
    )
    def test_bad_value_or_key_is_refused(self, body: bytes) -> None:
        """A typing error in a fault is found when it is set, not when it does not happen."""
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(body, type=Fault)


class TestFaults:
    """A fault while it is in force."""

    def test_nothing_fails_at_first(self) -> None:
        """A new replica has no fault."""
        assert NONE == Faults(seed=0).draw() == Faults(seed=0).current

    def test_fault_stays_until_cleared(self) -> None:
        """A fault without a count holds until it is cleared."""
        faults = Faults(seed=0)
        faults.set(Fault(status=503))
        drawn = [faults.draw().status, faults.draw().status]
        faults.clear()

        assert ([503, 503], NONE) == (drawn, faults.draw())

    def test_fault_clears_itself_after_its_count(self) -> None:
        """A fault with a count holds for so many requests."""
        faults = Faults(seed=0)
        faults.set(Fault(status=503, count=2))

        assert [503, 503, None] == [faults.draw().status for _ in range(3)]

    def test_current_counts_down(self) -> None:
        """What is in force tells how many requests it still affects."""
        faults = Faults(seed=0)
        faults.set(Fault(status=503, count=2))
        faults.draw()

        assert 1 == faults.current.count

    def test_probability_is_repeatable(self) -> None:
        """With the same seed the same requests fail, about as many as were asked for."""
        runs = []
        for _ in range(2):
            faults = Faults(seed=4)
            faults.set(Fault(status=500, probability=0.5))
            runs.append([faults.draw().status for _ in range(100)])

        assert runs[0] == runs[1]
        assert 30 < runs[0].count(500) < 70

    def test_spared_requests_do_not_count(self) -> None:
        """Requests that chance spares do not use up the count."""
        faults = Faults(seed=4)
        faults.set(Fault(status=500, probability=0.5, count=3))

        assert 3 == [faults.draw().status for _ in range(100)].count(500)
