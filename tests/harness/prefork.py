"""Commands at a tenth of their cost: a process that has imported everything already, and forks
for each command.

Most of what a command costs is the start of the interpreter and its imports. The command
itself runs in a process of its own as ever, with its own files, environment and folder. Where
this is not Linux, ``run`` starts the interpreter.
"""

import atexit
import contextlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
REQUEST_BYTES = 1 << 17
"""A command with its environment: some kilobytes."""


def run(
    arguments: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    typed: str,
    timeout_s: float,
) -> "subprocess.CompletedProcess[str]":
    """Run one command of ``trastienda`` to its end. Raises TimeoutExpired."""
    command = [sys.executable, "-m", "trastienda", *arguments]
    if sys.platform != "linux":
        return subprocess.run(
            command,
            cwd=cwd,
            env=env,
            input=typed,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        stdin, stdout, stderr = files
        stdin.write(typed.encode())
        stdin.seek(0)

        status_file, status_end = os.pipe()
        stack.callback(os.close, status_file)
        request = {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env)}
        descriptors = [*(file.fileno() for file in files), status_end]
        socket.send_fds(_parent(), [json.dumps(request).encode()], descriptors)
        os.close(status_end)

        pid = int(_read_line(status_file, timeout_s))
        try:
            status = int(_read_line(status_file, timeout_s))
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(command, timeout_s) from None

        texts = []
        for file in (stdout, stderr):
            file.seek(0)
            texts.append(file.read().decode())
        return subprocess.CompletedProcess(command, status, *texts)


def _read_line(status_file: int, timeout_s: float) -> bytes:
    """The next thing that is said of a command: the number of its process, then its exit status."""
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([status_file], [], [], timeout_s)
        if not ready:
            raise TimeoutError
        byte = os.read(status_file, 1)
        assert byte, "the process that runs commands has died"
        line += byte
    return line


@cache
def _parent() -> socket.socket:
    """Start the process that forks; it ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    code = "from tests.harness import prefork; prefork.serve()"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=theirs.fileno(),
        stdout=subprocess.DEVNULL,
    )
    theirs.close()

    def close() -> None:
        ours.close()
        process.wait()

    atexit.register(close)
    return ours


def serve() -> None:
    """Fork for each request that comes over the standard input, until it is closed."""
    _import_everything()
    with socket.socket(fileno=os.dup(0)) as requests:
        while True:
            data, descriptors, _, _ = socket.recv_fds(requests, REQUEST_BYTES, 4)
            if not data:
                return
            if os.fork() == 0:
                requests.close()
                _attend(json.loads(data), descriptors)
                return
            for descriptor in descriptors:
                os.close(descriptor)
            _reap()


def _import_everything() -> None:
    """Import whatever a command may need, and hash passwords cheaply, as shared shops do."""
    import gc
    import pkgutil
    from importlib import import_module

    import argon2

    import trastienda

    for module in pkgutil.walk_packages(trastienda.__path__, "trastienda."):
        if "__main__" not in module.name and "migrations" not in module.name:
            import_module(module.name)
    for name in ("alembic.command", "alembic.config", "alembic.runtime.migration"):
        import_module(name)

    cheap = (1, 8, 1, 16, 16, "utf-8", argon2.Type.ID)
    argon2.PasswordHasher.__init__.__defaults__ = cheap
    gc.freeze()


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _attend(request: Mapping[str, Any], descriptors: Sequence[int]) -> None:
    """In a process of its own: have the command run in another, and say what became of it."""
    *files, status_end = descriptors
    pid = os.fork()
    if pid == 0:
        os.close(status_end)
        _run_command(request, files)
        return
    os.write(status_end, f"{pid}\n".encode())
    _, wait_status = os.waitpid(pid, 0)
    os.write(status_end, f"{os.waitstatus_to_exitcode(wait_status)}\n".encode())
    os._exit(0)


def _run_command(request: Mapping[str, Any], files: Sequence[int]) -> None:
    """In the command's own process: go on as an interpreter that was just started; it ends as
    one does."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = ["trastienda", *request["arguments"]]
    runpy.run_module("trastienda", run_name="__main__", alter_sys=True)
