"""An S3 server of moto on this machine, which counts what it serves and can be told to misbehave."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server
from werkzeug.utils import send_file
from werkzeug.wrappers import Response

__all__ = ["Bucket", "Request", "environment", "server", "web_server"]

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
KEY, SECRET = "kept-tests", "kept-tests-secret"


def environment(endpoint: str) -> dict[str, str | None]:
    """Variables of a process that shall know this server and no other; None for those that it must not have."""
    return {
        **dict.fromkeys((*PROXIES, "AWS_PROFILE", "AWS_SESSION_TOKEN")),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }


@dataclass(frozen=True)
class Request:
    """What was asked for, and how many bytes of content were served."""

    method: str
    path: str
    range: str
    nbytes: int


def refusal(status: int, code: str) -> Response:
    """An error as S3 tells it."""
    return Response(f"<Error><Code>{code}</Code><Message>{code}</Message></Error>", status, mimetype="text/xml")


_NOT_SIGNED_IN = refusal(403, "InvalidAccessKeyId")


class Silent(MotoRequestHandler):
    """Serves without a line for each request on the terminal."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  werkzeug's name
        """Nothing."""


@dataclass
class Log:
    """The server's other side.

    Attributes:
        requests: In the order of their ends.
        answer: Given a method and a path, answers in place of the server; None, or what returns None, leaves it be.
        most: So many bytes of each answer are served, whatever its header promised; None for all of them.
    """

    requests: list[Request] = field(default_factory=list)
    answer: Callable[[str, str], Response | None] | None = None
    most: int | None = None


class Counted:
    """A WSGI application that notes what another one serves."""

    def __init__(self, application: Any, log: Log) -> None:
        self.application, self.log = application, log

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        application = self.application if f"={KEY}/" in environ.get("HTTP_AUTHORIZATION", "") else _NOT_SIGNED_IN
        if self.log.answer is not None:
            application = self.log.answer(method, path) or application
        content = b"".join(application(environ, start_response))[: self.log.most]
        self.log.requests.append(Request(method, path, environ.get("HTTP_RANGE", ""), len(content)))
        return [content]


@contextmanager
def running(application: Any) -> Iterator[str]:
    """The URL of a server for a WSGI application, while it runs."""
    serving = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{serving.server_port}"
    finally:
        serving.shutdown()
        serving.server_close()
        thread.join()


@contextmanager
def server() -> Iterator[tuple[str, Log]]:
    """URL and log of an S3 server, while it runs."""
    log = Log()
    with running(Counted(DomainDispatcherApplication(create_backend_app), log)) as url:
        yield url, log


@contextmanager
def web_server(folder: Path, *, ranges: bool) -> Iterator[str]:
    """The URL of a web server for the files in a folder, while it runs; one that knows no ranges always serves all."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        file = folder / environ["PATH_INFO"][1:]
        if not file.is_file():
            return Response("no", 404)(environ, start_response)
        if ranges:
            return send_file(file, environ, conditional=True)(environ, start_response)
        return Response(file.read_bytes())(environ, start_response)

    with running(application) as url:
        yield url


class Bucket:
    """A bucket of its own for one test.

    Args:
        name: Of the bucket.
        endpoint: URL of the server.
        log: Of the server.
    """

    def __init__(self, name: str, endpoint: str, log: Log) -> None:
        self.name, self.log = name, log
        self.endpoint = endpoint
        self._client = boto3.client(
            "s3", endpoint_url=endpoint, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1"
        )
        self._client.create_bucket(Bucket=name)

    def put(self, path: Path, name: str = "") -> str:
        """Copies a file, or a folder, there; returns its URL."""
        for file in [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file()):
            key = "/".join([name or path.name, *file.relative_to(path).parts])
            self._client.put_object(Bucket=self.name, Key=key, Body=file.read_bytes())
        self.log.requests.clear()
        return self.url(name or path.name)

    def url(self, name: str) -> str:
        """The URL of an object."""
        return f"s3://{self.name}/{name}"

    @property
    def gets(self) -> list[Request]:
        """Requests for content since the last `put`; listings are not among them."""
        return [one for one in self.log.requests if one.method == "GET" and one.path.count("/") > 1]

    @property
    def nbytes(self) -> int:
        """Bytes of content that were served since the last `put`."""
        return sum(one.nbytes for one in self.log.requests if one.method == "GET")

    def hang(self, seconds: float) -> None:
        """From now on, content comes late."""

        def late(method: str, path: str) -> None:
            if method == "GET":
                time.sleep(seconds)

        self.log.answer = late

    def cut(self, nbytes: int) -> None:
        """From now on, connections break after so many bytes."""
        self.log.most = nbytes

    def refuse(self, status: int, code: str) -> None:
        """From now on, the server has nothing but this answer."""
        self.log.answer = lambda method, path: refusal(status, code)
