"""What moto lacks of the services that answer in XML: EC2 and ElastiCache."""

import re
from collections.abc import Mapping
from typing import Final

GROUP: Final = "IpPermissions.1.Groups.1."
RULE: Final = re.compile(r"<securityGroupRuleId>(sgr-[0-9a-f]+)</securityGroupRuleId>")
TEMPLATE_TAGS: Final = re.compile(
    r"<item><resourceType>launch-template</resourceType><tagSet>.*?</tagSet></item>"
)


class Ec2:
    """The default key of volumes, and what moto forgets of rules or adds to launch templates."""

    def __init__(self) -> None:
        self._key = "alias/aws/ebs"
        self._descriptions: dict[str, str] = {}

    def answer(self, action: str, form: Mapping[str, str]) -> str | None:
        """The answer, as XML, to an action on the default key; None for any other."""
        if action not in {f"{verb}EbsDefaultKmsKeyId" for verb in ("Get", "Modify", "Reset")}:
            return None
        if action.startswith("Modify"):
            self._key = form["KmsKeyId"]
        elif action.startswith("Reset"):
            self._key = "alias/aws/ebs"
        return f"<{action}Response><kmsKeyId>{self._key}</kmsKeyId></{action}Response>"

    def whole(self, action: str, form: Mapping[str, str], said: str) -> str:
        """Moto's answer, with rules' descriptions, and without tags that templates lack."""
        if action.startswith("AuthorizeSecurityGroup") and (rule := RULE.search(said)):
            self._descriptions[rule[1]] = form.get(f"{GROUP}Description", "")
        elif action == "DescribeSecurityGroupRules":
            return RULE.sub(self._described, said)
        elif action == "DescribeLaunchTemplateVersions":
            return TEMPLATE_TAGS.sub("", said)
        return said

    def _described(self, rule: re.Match[str]) -> str:
        description = self._descriptions.get(rule[1], "")
        return f"{rule[0]}<description>{description}</description>" if description else rule[0]


class Caches:
    """What moto forgets of a replication group."""

    def __init__(self) -> None:
        self._mode = ""
        self._group = ""
        self._gone: set[str] = set()

    def answer(self, action: str, form: Mapping[str, str]) -> tuple[int, str] | None:
        """The end of groups, as status and XML: moto's never ends; None for any other action."""
        name = form.get("ReplicationGroupId", "")
        if action == "DeleteCacheSubnetGroup":
            return 200, f"<{action}Response/>"
        if action == "DescribeReplicationGroups" and name in self._gone:
            error = "<Code>ReplicationGroupNotFoundFault</Code><Message>gone</Message>"
            return 404, f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>"
        if action == "DeleteReplicationGroup":
            self._gone.add(name)
        return None

    def whole(self, action: str, form: Mapping[str, str], said: str) -> str:
        """Moto's answer, with the encryption and the security group that were asked for."""
        if action == "CreateReplicationGroup":
            self._mode = form["TransitEncryptionMode"]
            self._group = form["SecurityGroupIds.SecurityGroupId.1"]
        group = f"<member><SecurityGroupId>{self._group}</SecurityGroupId></member>"
        forgotten = (
            "<AtRestEncryptionEnabled>true</AtRestEncryptionEnabled>"
            f"<TransitEncryptionMode>{self._mode}</TransitEncryptionMode>"
            f"<SecurityGroups>{group}</SecurityGroups>"
        )
        return said.replace("</CacheCluster>", f"{forgotten}</CacheCluster>")
