"""What lives as long as the process."""

from builders import RecordingObserver, config
from prometheus_client import CollectorRegistry
from state_builders import count
from tenancy_builders import tenanted

from extproc.services import Services


async def test_with_tenants_nobody_passes_unchecked() -> None:
    """And who asks is the first thing that is looked at."""
    made = tenanted()
    services = Services(made, RecordingObserver(), registry=CollectorRegistry())
    routing = services.routing(made)

    assert (True, "Admission") == (routing.closed, type(routing.stages[0]).__name__)
    await services.stop()


async def test_without_concerns_requests_have_no_stages() -> None:
    """The router decides alone, and shared state is this process's."""
    made = config()
    services = Services(made, RecordingObserver(), registry=CollectorRegistry(), workers=2)
    await services.start()
    routing = services.routing(made)
    results = await routing.run([count("a")])
    await services.stop()

    assert ((), False, [1]) == (routing.stages, routing.closed, list(results))
    assert 0.5 == services.store.memory.share
