"""Superset of docker-compose.yml, profile bi: dashboards in its own volume, marts read-only."""

import os

SECRET_KEY = os.environ.get("SUPERSET_SECRET_KEY", "")
if len(SECRET_KEY) < 32:
    raise SystemExit(
        "SUPERSET_SECRET_KEY: shorter than 32 characters. Set it in .env (openssl rand -hex 32)."
    )
# One host and few readers: a file is enough. For more, a PostgreSQL address and its driver.
SQLALCHEMY_DATABASE_URI = os.environ.get("SUPERSET_DATABASE_URI", "sqlite:////superset/superset.db")
