"""Variables are typed, described and validated, and name instances that AWS has."""

import ipaddress
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import hcl2
import pytest
from terraform_runs import ROOTS, TREE, Terraform, resources

pytestmark = pytest.mark.timeout(240)

Block = dict[str, Any]
UNBOUNDED = {"bool", "${bool}"}
"""Types whose every value is right."""


def blocks(file: Path, kind: str) -> Iterator[tuple[str, Block]]:
    """The blocks of one kind in a file, by name."""
    with file.open() as text:
        for one in hcl2.load(text).get(kind, []):
            yield from ((name.strip('"'), block) for name, block in one.items())


def instance_types() -> frozenset[str]:
    """AWS's own list, as boto3 carries it."""
    shapes = boto3.client("ec2", region_name="us-east-1").meta.service_model
    return frozenset(shapes.shape_for("InstanceType").enum)


def unknown(state: dict[str, Any]) -> set[str]:
    """The instance types of a state's node groups that AWS does not have."""
    wanted = {
        kind
        for one in resources(state)
        if one["type"] == "aws_eks_node_group"
        for kind in one["values"]["instance_types"]
    }
    assert wanted, "a state without node groups"
    return wanted - instance_types()


@pytest.mark.parametrize("root", ROOTS)
def test_variables(root: str) -> None:
    """Each says its type and what it is, and all that can be wrong are validated.

    `platform` hands its objects to the modules, which validate what is in them.
    """
    poor = []
    for name, block in blocks(TREE / root / "variables.tf", "variable"):
        handed_on = root == "modules/platform" and "object" in block["type"]
        checked = "validation" in block or block["type"] in UNBOUNDED or handed_on
        if not (block.get("type") and block.get("description") and checked):
            poor.append(name)

    assert [] == poor


@pytest.mark.parametrize("root", ROOTS)
def test_outputs(root: str) -> None:
    """Each output says what it is."""
    outputs = list(blocks(TREE / root / "outputs.tf", "output"))

    assert [] == [name for name, block in outputs if not block.get("description")]
    assert outputs != []


@pytest.mark.parametrize("environment", ["dev", "staging", "prod", "prod-west"])
def test_instances_exist(terraform: Terraform, environment: str) -> None:
    """AWS has every instance type of every node group; terraform cannot know."""
    assert set() == unknown(terraform.mocked(f"environments/{environment}").states[0])


def test_priced_instances_exist() -> None:
    """The table of prices has no type that AWS does not have."""
    prices = json.loads((TREE / "prices.json").read_text())

    assert prices["instances"].keys() <= instance_types()


def test_an_instance_that_does_not_exist(terraform: Terraform) -> None:
    """A mistyped instance type is found."""
    state = terraform.mocked("environments/dev").states[0]
    planted = json.loads(json.dumps(state).replace("g4dn.xlarge", "g4dn.xxlarge"))

    assert {"g4dn.xxlarge"} == unknown(planted)


@pytest.mark.parametrize("environment", ["dev", "staging", "prod", "prod-west"])
def test_subnets_do_not_overlap(terraform: Terraform, environment: str) -> None:
    """No two subnets share an address, and all are the VPC's."""
    state = terraform.mocked(f"environments/{environment}").states[0]
    found = [one for one in resources(state) if one["type"] in {"aws_subnet", "aws_vpc"}]
    vpc, subnets = (
        [ipaddress.IPv4Network(one["values"]["cidr_block"]) for one in found if one["type"] == kind]
        for kind in ("aws_vpc", "aws_subnet")
    )

    assert 9 == len(subnets)
    assert all(subnet.subnet_of(vpc[0]) for subnet in subnets)
    assert not any(one.overlaps(other) for one, other in itertools.combinations(subnets, 2))


def test_vpcs_do_not_overlap() -> None:
    """The environments' blocks are apart, so that they can be joined."""
    texts = [path.read_text() for path in sorted(TREE.glob("environments/*/main.tf"))]
    cidrs = [cidr for text in texts for cidr in re.findall(r'cidr += "(.*)"', text)]
    networks = [ipaddress.IPv4Network(cidr) for cidr in cidrs]

    assert 4 == len(networks)
    assert not any(one.overlaps(other) for one, other in itertools.combinations(networks, 2))
