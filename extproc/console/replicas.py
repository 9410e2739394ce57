"""What is known of the fleet, replica by replica."""

from collections.abc import Iterator

from extproc.config import Config
from extproc.console.state import Replica
from extproc.services import Services


def replicas(services: Services, config: Config) -> Iterator[Replica]:
    """Each as it last said; none where the config has no `fleet`. One that never answered is full,
    as the decision takes it to be.
    """
    if config.fleet is None:
        return
    for tier, load in services.fleet.loads.items():
        for address, one in load.replicas.items():
            said = one.reading
            waiting = said.waiting if said is not None else 0.0
            yield Replica(
                tier=tier,
                address=address,
                ready=not one.gone and said is not None,
                running=said.running if said is not None else 0.0,
                waiting=waiting,
                saturation=one.saturation(config.fleet.limits_of(tier), waiting),
            )
