"""Ctrl-C while DuckDB works ends a command as it does anywhere else: no traceback."""

from __future__ import annotations

import signal
import subprocess
import sys

QUERY = """
import duckdb
from extractors import cli

def query():
    print("begun", flush=True)
    duckdb.sql("select count(*) from range(1000000000000) as r(n) where n % 7 = 3").fetchall()

cli.app = query
cli.main()
"""


def test_control_c_while_a_query_runs_shows_no_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", QUERY], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        for _ in range(50):  # the first may come before the query begins
            try:
                process.wait(0.2)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert (process.returncode, said) == (130, "")
