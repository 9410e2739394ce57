"""AWS on loopback, for a real `terraform apply`: moto, and what moto does not have.

    python tests/aws_stand_in.py

It prints `{"url": …}` once it listens, and serves until it is ended.
"""

import json
import os
import re
import sys
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from aws_stand_in_eks import Eks
from aws_stand_in_json import Answer, Budgets, Fsx, Json
from aws_stand_in_query import Caches, Ec2
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Managed policies by name, as AWS has them; read when moto is imported.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

SERVICE: Final = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")
"""The service that a request is signed for."""


class StandIn:
    """A WSGI application: requests that moto cannot answer are answered here, the rest there.

    One at a time: on a busy machine a subnet was once asked for twice, and was in its own way.
    """

    def __init__(self, moto: "WSGIApplication") -> None:
        self._moto = moto
        self._turn = threading.Lock()
        self._eks = Eks()
        self._budgets = Budgets()
        self._fsx = Fsx()
        self._ec2 = Ec2()
        self._caches = Caches()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """One request, as WSGI has it."""
        request = Request(environ)
        request.get_data(cache=True)
        signed = SERVICE.search(request.headers.get("Authorization", ""))
        with self._turn:
            response = self._answer(signed.group(1) if signed else "", request)
        return response(environ, start_response)

    def _answer(self, service: str, request: Request) -> Response:
        response = self._own(service, request) or self._theirs(service, request)
        if service == "elasticache" and request.form.get("Action") == "CreateReplicationGroup":
            self._members(request)
        return response

    def _members(self, request: Request) -> None:
        """The caches of a replication group, which moto names and does not make."""
        for number in range(int(request.form["NumCacheClusters"])):
            form = {
                **request.form,
                "Action": "CreateCacheCluster",
                "CacheClusterId": f"{request.form['ReplicationGroupId']}-{number + 1:03}",
                "NumCacheNodes": "1",
            }
            content = urlencode(form).encode()
            environ = {**request.environ, "wsgi.input": Rewound(content)}
            environ["CONTENT_LENGTH"] = str(len(content))
            assert Response.from_app(self._moto, environ).status_code == 200

    def _own(self, service: str, request: Request) -> Response | None:
        """The answer to what moto lacks; None where moto has it."""
        answer: Answer | None = None
        operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if service == "eks":
            answer = self._eks.answer(request.method, path(request), body(request))
        elif service == "fsx":
            answer = self._fsx.answer(operation, body(request))
        elif service == "budgets":
            answer = self._budgets.answer(operation, body(request))
        elif service == "ec2":
            text = self._ec2.answer(request.form.get("Action", ""), request.form)
            return None if text is None else Response(text, content_type="text/xml")
        elif service == "elasticache":
            ended = self._caches.answer(request.form.get("Action", ""), request.form)
            return None if ended is None else Response(ended[1], ended[0], content_type="text/xml")
        if answer is None:
            return None
        status, said = answer
        return Response(json.dumps(said), status, content_type="application/json")

    def _theirs(self, service: str, request: Request) -> Response:
        """Moto's answer, with the fields that it forgets."""
        environ = {**request.environ, "wsgi.input": Rewound(request.get_data())}
        response = Response.from_app(self._moto, environ)
        action = request.form.get("Action", "")
        if service == "ec2":
            response.data = self._ec2.whole(action, request.form, response.get_data(as_text=True))
        elif service == "elasticache":
            response.data = self._caches.whole(
                action, request.form, response.get_data(as_text=True)
            )
        elif service in {"eks", "fsx"} and response.status_code == 200 and response.data:
            said: Json = json.loads(response.data)
            whole = self._eks.whole if service == "eks" else self._fsx.whole
            response.data = json.dumps(whole(said, path(request), body(request)))
        return response


class Rewound:
    """A request's body, to be read once more."""

    def __init__(self, content: bytes) -> None:
        self._left = content

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes, or all that is left."""
        end = len(self._left) if size < 0 else size
        taken, self._left = self._left[:end], self._left[end:]
        return taken


def path(request: Request) -> str:
    """The path as it was sent: an ARN in it has slashes of its own, which are quoted."""
    raw: str = request.environ["REQUEST_URI"]
    return raw.partition("?")[0]


def body(request: Request) -> Json:
    """The request's JSON; empty where it has none."""
    said: Json = json.loads(request.get_data() or b"{}")
    return said


def main() -> None:
    """Serve on a free port until the process is ended."""
    # Only now: moto reads os.environ once.
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        create_backend_app,
    )

    application = StandIn(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True)
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}) + "\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
