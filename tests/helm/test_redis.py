"""The chart's own Redis, started by a real shell as its container would."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from charts import only, rendered
from processes import Running, free_port, until
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis_server import needs_redis

PASSWORD = "a \"quote\", a \\n, a 'tick' and a $name"  # noqa: S105 - what a shell might take apart
VALUES = "{redis: {enabled: true, auth: {existingSecret: secret}}}"
pytestmark = needs_redis


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[int, list[str]]]:
    """The port of a container's Redis, and the command by which it is asked whether it is ready."""
    pod = only(rendered(more=VALUES), "StatefulSet", "tiergate-redis")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    port = free_port()
    script, ready = (
        [
            word.replace("--port 6379", f"--port {port} --bind 127.0.0.1")
            .replace("redis-cli", f"{shutil.which('redis-cli')} -p {port}")
            .replace("/run/redis", str(tmp_path))
            .replace("/data", str(tmp_path))
            for word in words
        ]
        for words in (
            [*container["command"], *container["args"]],
            container["readinessProbe"]["exec"]["command"],
        )
    )
    with Running(script, tmp_path / "log", REDIS_PASSWORD=PASSWORD) as process:
        yield port, ready
        process.process.kill()


def test_any_password_opens_it_and_no_other(running: tuple[int, list[str]], tmp_path: Path) -> None:
    """Whatever is in the secret; and it stands in no file."""
    port, ready = running
    until(lambda: _succeeds(ready), what="Redis")

    with redis.Redis(port=port, password=PASSWORD) as client:
        assert client.set("a", "b")
    for wrong in ("", PASSWORD.replace("\\n", "n")):
        once = Retry(NoBackoff(), 0)
        with (
            redis.Redis(port=port, password=wrong, retry=once) as client,
            pytest.raises(redis.RedisError, match=r"password|authenticated"),
        ):
            client.get("a")
    assert PASSWORD not in (tmp_path / "auth.conf").read_text()


def _succeeds(command: list[str]) -> bool:
    environment = {**os.environ, "REDIS_PASSWORD": PASSWORD}
    return subprocess.run(command, env=environment, check=False).returncode == 0
