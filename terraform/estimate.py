"""What a plan costs a month.

    terraform -chdir=environments/dev show -json FILE | python3 estimate.py dev [--json]

Reads `terraform show -json` of a plan or a state, and `prices.json`. What a plan does not say, such
as gigabytes through NAT, stands there too, by environment, under `used`. Nodes are counted as they
are at the start. What costs by the hour and has no price is an error, not a zero.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

Json = dict[str, Any]
PRICES: Final = Path(__file__).parent / "prices.json"


class Line(NamedTuple):
    """One line of the bill: what, how many of its unit a month, US dollars a unit."""

    what: str
    quantity: float
    price: float

    @property
    def cost(self) -> float:
        """US dollars a month."""
        return self.quantity * self.price


def main(arguments: list[str]) -> int:
    """Print the bill of the plan on stdin; 2 where the arguments are wrong."""
    words = [word for word in arguments if word != "--json"]
    prices = json.loads(PRICES.read_text())
    if len(words) != 1 or words[0] not in prices["used"]["logs_gb"]["quantity"]:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    lines = bill(json.load(sys.stdin), prices, words[0])
    total = sum(line.cost for line in lines)
    if "--json" in arguments:
        said = {"date": prices["date"], "usd": total, "lines": [line._asdict() for line in lines]}
        sys.stdout.write(json.dumps(said) + "\n")
        return 0
    for line in sorted(lines, key=lambda line: -line.cost):
        sys.stdout.write(f"{line.cost:9.2f}  {line.what} ({line.quantity:g} x {line.price:g})\n")
    sys.stdout.write(f"{total:9.2f}  US dollars a month, by the prices of {prices['date']}\n")
    return 0


def bill(shown: Json, prices: Json, environment: str) -> list[Line]:
    """Every line of it. KeyError where a price is missing."""
    values = shown["planned_values"] if "planned_values" in shown else shown["values"]
    root = values["root_module"]
    quantities: defaultdict[tuple[str, float], float] = defaultdict(float)
    plan = Plan(list(resources(root)))
    for resource in plan.resources:
        if cost := COSTS.get(resource["type"]):
            for line in cost(resource["values"], prices, plan):
                quantities[line.what, line.price] += line.quantity
    for what, it in prices["used"].items():
        quantities[what, it["price"]] += it["quantity"][environment]
    return [Line(what, count, price) for (what, price), count in quantities.items() if count]


def resources(module: Json) -> Iterator[Json]:
    """Every managed resource of a module and of those that it calls."""
    yield from (one for one in module.get("resources", []) if one["mode"] == "managed")
    for child in module.get("child_modules", []):
        yield from resources(child)


class Plan(NamedTuple):
    """What one resource's cost may need to know of the others."""

    resources: list[Json]

    def disks(self, template: str) -> list[Json]:
        """The disks of the launch template whose name ends so."""
        (disks,) = (
            one["values"]["block_device_mappings"]
            for one in self.resources
            if one["type"] == "aws_launch_template" and one["values"]["name"].endswith(template)
        )
        return [disk["ebs"][0] for disk in disks]

    def zones(self) -> int:
        """Over how many zones the private subnets are spread."""
        kinds = [(one["type"], one["name"]) for one in self.resources]
        return kinds.count(("aws_subnet", "private"))


def _by_hour(price: str) -> "Cost":
    def cost(_: Json, prices: Json, __: Plan) -> Iterator[Line]:
        yield Line(price, prices["hours_a_month"], prices["hourly"][price])

    return cost


def _by_month(price: str) -> "Cost":
    def cost(_: Json, prices: Json, __: Plan) -> Iterator[Line]:
        yield Line(price, 1, prices["monthly"][price])

    return cost


def _nodes(group: Json, prices: Json, plan: Plan) -> Iterator[Line]:
    """Instances of the first type of a group, and their disks."""
    count = group["scaling_config"][0]["desired_size"]
    kind, capacity = group["instance_types"][0], group["capacity_type"]
    hours = count * prices["hours_a_month"]
    yield Line(f"{kind} {capacity}", hours, prices["instances"][kind][capacity])
    monthly = prices["monthly"]
    for disk in plan.disks(f"-{group['labels'].get('tiergate.io/tier', 'system')}"):
        yield Line("gp3 GB", count * disk["volume_size"], monthly["gp3_gb"])
        more = max(0, (disk.get("throughput") or 125) - 125)
        yield Line("gp3 MB/s above 125", count * more, monthly["gp3_mbps_above_125"])


def _lustre(system: Json, prices: Json, _: Plan) -> Iterator[Line]:
    throughput = system.get("per_unit_storage_throughput")
    kind = f"{system['deployment_type']} {throughput or ''}".strip()
    yield Line(f"FSx {kind} GB", system["storage_capacity"], prices["monthly"]["lustre_gb"][kind])


def _cache(group: Json, prices: Json, _: Plan) -> Iterator[Line]:
    hours = group["num_cache_clusters"] * prices["hours_a_month"]
    yield Line(group["node_type"], hours, prices["cache_nodes"][group["node_type"]])


def _endpoint(endpoint: Json, prices: Json, plan: Plan) -> Iterator[Line]:
    """By the zone; the free gateway endpoints have no price."""
    if endpoint["vpc_endpoint_type"] == "Interface":
        hours = plan.zones() * prices["hours_a_month"]
        yield Line("interface endpoint", hours, prices["hourly"]["interface_endpoint_zone"])


Cost = Callable[[Json, Json, Plan], Iterator[Line]]
COSTS: Final[Mapping[str, Cost]] = {
    "aws_eip": _by_hour("public_address"),
    "aws_eks_cluster": _by_hour("cluster"),
    "aws_eks_node_group": _nodes,
    "aws_elasticache_replication_group": _cache,
    "aws_fsx_lustre_file_system": _lustre,
    "aws_grafana_workspace": _by_month("grafana_editor"),
    "aws_kms_key": _by_month("key"),
    "aws_nat_gateway": _by_hour("nat_gateway"),
    "aws_route53_health_check": _by_month("health_check"),
    "aws_secretsmanager_secret": _by_month("secret"),
    "aws_vpc_endpoint": _endpoint,
}
"""What costs by being there, and how its cost follows from its arguments."""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
