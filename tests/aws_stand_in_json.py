"""What moto lacks of FSx and Budgets: enough for Terraform to make, read and delete."""

from typing import Any, Final

Json = dict[str, Any]
Answer = tuple[int, Json]
"""A status and a body."""

MISSING: Final[Answer] = (400, {"__type": "DataRepositoryAssociationNotFound", "message": "gone"})
ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"


class Fsx:
    """Links between a file system and a bucket, and the states that everything there has."""

    def __init__(self) -> None:
        self._links: dict[str, Json] = {}

    def answer(self, operation: str, asked: Json) -> Answer | None:
        """The answer to an operation on links; None for any other."""
        if operation == "CreateDataRepositoryAssociation":
            return 200, {"Association": self._link(asked)}
        if operation == "DescribeDataRepositoryAssociations":
            found = [self._links[name] for name in asked["AssociationIds"] if name in self._links]
            return (200, {"Associations": found}) if found else MISSING
        if operation == "DeleteDataRepositoryAssociation":
            link = self._links.pop(asked["AssociationId"])
            return 200, {"AssociationId": link["AssociationId"], "Lifecycle": "DELETING"}
        if operation == "ListTagsForResource" and ":association/" in asked["ResourceARN"]:
            link = self._links[asked["ResourceARN"].rpartition("/")[2]]
            return 200, {"Tags": link.get("Tags", [])}
        return None

    def _link(self, asked: Json) -> Json:
        name = f"dra-{len(self._links):017x}"
        link = {key: value for key, value in asked.items() if key != "ClientRequestToken"}
        arn = f"arn:aws:fsx:{REGION}:{ACCOUNT}:association/{asked['FileSystemId']}/{name}"
        link |= {"AssociationId": name, "Lifecycle": "AVAILABLE", "ResourceARN": arn}
        return self._links.setdefault(name, link)

    def whole(self, said: Json, _path: str, _asked: Json) -> Json:
        """Moto's answer, its file systems available."""
        for system in [*said.get("FileSystems", []), said.get("FileSystem", {})]:
            if system and "Lifecycle" not in system:
                lustre = system.setdefault("LustreConfiguration", {})
                system |= {"Lifecycle": "AVAILABLE", "FileSystemTypeVersion": "2.15"}
                lustre.setdefault("MountName", "mounted")
        return said


class Budgets:
    """Who is told of a budget, and its tags."""

    def __init__(self) -> None:
        self._tags: dict[str, list[Json]] = {}
        self._told: dict[str, list[Json]] = {}

    def answer(self, operation: str, asked: Json) -> Answer | None:
        """The answer to what moto lacks; None for any other, of which it takes notes."""
        if operation == "CreateBudget":
            name = asked["Budget"]["BudgetName"]
            self._tags[name] = asked.get("ResourceTags", [])
            notes = asked.get("NotificationsWithSubscribers", [])
            self._told |= {_of(note["Notification"]): note["Subscribers"] for note in notes}
        elif operation == "CreateNotification":
            self._told[_of(asked["Notification"])] = asked["Subscribers"]
        elif operation == "ListTagsForResource":
            return 200, {"ResourceTags": self._tags[asked["ResourceARN"].rpartition("/")[2]]}
        elif operation == "DescribeSubscribersForNotification":
            return 200, {"Subscribers": self._told[_of(asked["Notification"])]}
        return None


def _of(notification: Json) -> str:
    """What tells one notification of a budget from another."""
    return f"{notification['NotificationType']} {float(notification['Threshold'])}"
