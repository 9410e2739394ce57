"""The dev environment made for real on a stand-in of AWS, planned again, and taken down."""

import pytest
import yaml
from terraform_life import Life
from terraform_runs import resources

pytestmark = pytest.mark.timeout(600)


def test_applied(life: Life) -> None:
    """Everything is made, in an order that works."""
    assert 0 == life.applied.status, life.applied.said
    assert "Apply complete!" in life.applied.said


def test_settled(life: Life) -> None:
    """A plan after the apply finds nothing to change."""
    assert 0 == life.planned_again.status, life.planned_again.said


def test_destroyed(life: Life) -> None:
    """Nothing is left, so that nothing is billed."""
    assert (0, "") == (life.destroyed.status, life.left), life.destroyed.said


def test_tagged(life: Life) -> None:
    """All that can carry tags carries those that the bill is split by."""
    wanted = {"Project", "Environment", "CostCenter", "ManagedBy"}
    bare = [
        one["address"]
        for one in resources(life.state)
        if "tags_all" in one["values"] and not wanted <= set(one["values"]["tags_all"] or {})
    ]

    assert [] == bare


def test_values_name_what_was_made(life: Life) -> None:
    """The chart's values hold the addresses that AWS gave."""
    values = yaml.safe_load(life.values)
    made = {one["type"]: one["values"] for one in resources(life.state)}
    system = made["aws_fsx_lustre_file_system"]
    cache = made["aws_elasticache_replication_group"]

    assert [system["id"]] * 2 == [
        tier["storage"]["fsx"]["fileSystemId"] for tier in values["tiers"]
    ]
    assert (
        f"rediss://{cache['primary_endpoint_address']}:6379/0" == values["redis"]["external"]["url"]
    )


def test_taints_are_tolerated(life: Life) -> None:
    """Each tier's pods tolerate every taint of their own nodes, and select no others."""
    values = yaml.safe_load(life.values)
    nodes = {
        one["values"]["labels"]["tiergate.io/tier"]: one["values"]
        for one in resources(life.state)
        if one["type"] == "aws_eks_node_group" and one["name"] == "tier"
    }

    assert [tier["name"] for tier in values["tiers"]] == sorted(nodes)
    for tier in values["tiers"]:
        tolerated = {(it["key"], it["value"]) for it in tier["tolerations"]}
        taints = {(it["key"], it["value"]) for it in nodes[tier["name"]]["taint"]}
        assert tolerated == taints
        assert tier["nodeSelector"].items() <= nodes[tier["name"]]["labels"].items()
