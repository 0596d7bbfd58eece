"""A PostgreSQL server for tests: Debian's own, in a folder of its own, on a socket, then gone."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server, give the URL of its database `postgres`, stop the server.

    Skips the test where no server is installed, or where root may not become another user.
    """
    if not BINARIES:
        pytest.skip("PostgreSQL is not installed (tests/install-system-packages)")
    binaries = BINARIES[-1].parent
    # A socket's path must be short, and the server's own user must get there.
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            shutil.chown(home, "postgres")
        _run(binaries / "initdb", "-D", home / "data", "-A", "trust", "-U", "postgres", "-N")
        # Its clock is Việt Nam's, as a server's of an office is: moments must come out in UTC.
        options = (
            f"-k {home} -c listen_addresses='' -c max_connections=60 -c timezone=Asia/Ho_Chi_Minh"
        )
        start = ("-D", home / "data", "-w", "-l", home / "log", "-o", options, "start")
        _run(binaries / "pg_ctl", *start)
        yield f"postgresql+psycopg://postgres@/postgres?host={home}"
    finally:
        if (home / "data" / "postmaster.pid").exists():
            _run(binaries / "pg_ctl", "-D", home / "data", "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


def _run(*command: object) -> None:
    """Run a command of the server, which refuses to be root's."""
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    done = subprocess.run(words, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{words}: {done.stdout}{done.stderr}")


def new_database(url: str) -> str:
    """Make an empty database on the server of a URL; returns its own URL."""
    name = f"povsim_{uuid4().hex[:12]}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return url.replace("/postgres?", f"/{name}?")
