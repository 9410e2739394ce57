"""What moto lacks of EKS: add-ons, access entries, pod identity, and half of what it is told."""

import itertools
import re
from typing import Final
from urllib.parse import quote, unquote

from aws_stand_in_json import ACCOUNT, REGION, Answer, Json

KINDS: Final = {
    "addons": ("addon", "addonName"),
    "access-entries": ("accessEntry", "principalArn"),
    "access-policies": ("associatedAccessPolicy", "policyArn"),
    "pod-identity-associations": ("association", "associationId"),
}
"""The key of each kind's answers, and the field that names one of it."""
PLACE: Final = re.compile(
    rf"/clusters/(?P<cluster>[^/]+)(?P<within>/access-entries/[^/]+(?=/))?"
    rf"/(?P<kind>{'|'.join(KINDS)})(/(?P<name>[^/]+))?$"
)
FORGOTTEN: Final = {
    "cluster": ("accessConfig", "upgradePolicy"),
    "nodegroup": ("updateConfig", "nodeRepairConfig"),
}
"""What moto takes and does not give back."""


class Eks:
    """The missing parts of every cluster, by their path."""

    def __init__(self) -> None:
        self._things: dict[str, Json] = {}
        self._told: dict[str, Json] = {}
        self._numbers = itertools.count()

    def answer(self, method: str, path: str, asked: Json) -> Answer | None:
        """The answer to a request about what moto lacks; None for any other."""
        place = PLACE.match(path)
        if place is None:
            return None
        kind, cluster, name = place["kind"], place["cluster"], place["name"]
        if method == "POST" and name is None:
            return self._made(path, kind, cluster, asked)
        if method == "GET" and name is None:
            return 200, {f"{KINDS[kind][0]}s".replace("ys", "ies"): self._below(path)}
        key = _key(path.rpartition("/")[0], unquote(name))
        if key not in self._things:
            message = {"message": f"no {kind} {name}", "__type": "ResourceNotFoundException"}
            return 404, message
        thing = self._things.pop(key) if method == "DELETE" else self._things[key]
        return 200, {KINDS[kind][0]: thing}

    def _below(self, path: str) -> list[Json]:
        """What stands directly below a path, and not in a folder of its own there."""
        return [thing for key, thing in self._things.items() if key.rpartition("/")[0] == path]

    def _made(self, path: str, kind: str, cluster: str, asked: Json) -> Answer:
        thing = {**asked, "clusterName": cluster, "createdAt": 1.0, "modifiedAt": 1.0}
        if kind == "addons":
            identities = thing.pop("podIdentityAssociations", [])
            thing["podIdentityAssociations"] = [
                self._identity(cluster, identity)["associationArn"] for identity in identities
            ]
            thing |= {"status": "ACTIVE", "addonArn": _arn("addon", cluster, asked["addonName"])}
            thing.setdefault("addonVersion", "v1.0.0-eksbuild.1")
        elif kind == "access-entries":
            thing["accessEntryArn"] = _arn("access-entry", cluster, asked["principalArn"])
            thing.setdefault("type", "STANDARD")
        elif kind == "pod-identity-associations":
            return 200, {"association": self._identity(cluster, asked)}
        self._things[_key(path, thing[KINDS[kind][1]])] = thing
        return 200, {KINDS[kind][0]: thing}

    def _identity(self, cluster: str, asked: Json) -> Json:
        name = f"a-{next(self._numbers):016x}"
        arn = _arn("podidentityassociation", cluster, name)
        identity = {"namespace": "kube-system", **asked, "clusterName": cluster, "createdAt": 1.0}
        identity |= {"associationId": name, "associationArn": arn, "modifiedAt": 1.0}
        self._things[f"/clusters/{cluster}/pod-identity-associations/{name}"] = identity
        return identity

    def whole(self, said: Json, path: str, asked: Json) -> Json:
        """Moto's answer with what it forgets, and without the remote access that it invents."""
        for kind, fields in FORGOTTEN.items():
            if kind not in said:
                continue
            thing = said[kind]
            name = f"{path}/{thing[f'{kind}Name']}" if kind == "nodegroup" else thing["name"]
            told = self._told.setdefault(name.rpartition("/")[2], {})
            told |= {field: asked[field] for field in fields if field in asked}
            if kind == "cluster" and "resourcesVpcConfig" not in told:
                told["resourcesVpcConfig"] = {**thing["resourcesVpcConfig"], **_group(thing)}
            thing |= told
            thing.pop("remoteAccess", None)
        return said


def _key(path: str, name: str) -> str:
    """Where a thing is kept: its name, an ARN perhaps, without slashes of its own."""
    return f"{path}/{quote(name, safe='')}"


def _group(cluster: Json) -> Json:
    """The security group that EKS makes for a cluster, made in the VPC of its subnets."""
    from moto.ec2.models import ec2_backends  # noqa: PLC0415 - once moto knows its settings

    ec2 = ec2_backends[ACCOUNT][REGION]
    (subnet,) = ec2.describe_subnets(subnet_ids=cluster["resourcesVpcConfig"]["subnetIds"][:1])
    name = f"eks-cluster-sg-{cluster['name']}"
    group = ec2.create_security_group(name, "control plane and nodes", vpc_id=subnet.vpc_id)
    return {"clusterSecurityGroupId": group.id, "vpcId": subnet.vpc_id}


def _arn(kind: str, cluster: str, name: str) -> str:
    return f"arn:aws:eks:{REGION}:{ACCOUNT}:{kind}/{cluster}/{name}"
