"""Clients that others wrote read the sandbox: one script a source, run in .venv-clients.

A script has `CLIENT`, the package that it shows to work, `STREAMS`, the names of ours that it
reads, and, where the client's hosts are fixed, `HOSTS`, their names. All three are plain literals,
as only .venv-clients can import the script. tests/test_clients.py compares what the client reads
with what our own extraction brings to raw.

One alone: `.venv/bin/python -m pytest tests/test_clients.py -k NAME`, after `make test` has set up
.venv-clients.
"""
