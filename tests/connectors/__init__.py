"""Whole connectors of others read the sandbox: `make clients`, as each needs its own environment.

A module has `CLIENT`, the package; `LOCK`, the lock file with it, after which its environment
`.venv-NAME` is called; `SOURCE`, our source that reads the same; `STREAMS`, ours that it reads;
`HOSTS`, which it calls; `COMMAND`, in its environment; `THEIRS`, its own streams to ask for;
`config(given)`, its settings; `rows(found)`, its records as rows with the names of our raw columns.
All but the two functions are plain literals, so that the table can read them.
"""
