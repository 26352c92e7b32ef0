# The team server's images: the same locked packages as on a developer's machine, nothing newer.
# A registry's digest pins the base as well: --build-arg PYTHON=python@sha256:...
ARG PYTHON=python:3.11.13-slim-bookworm

FROM ${PYTHON} AS base
RUN useradd --uid 50000 --gid 0 --create-home beyond \
    && mkdir -p /opt/beyond-likes /data /demo /superset \
    && chown -R beyond:0 /opt/beyond-likes /data /demo /superset
WORKDIR /opt/beyond-likes
COPY requirements-setup.lock ./
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements-setup.lock
ENV PATH=/opt/beyond-likes/.venv/bin:$PATH PYTHONUNBUFFERED=1

# Superset, which reads what was published; profile `bi`.
FROM base AS superset
COPY requirements-superset.lock ./
RUN .venv/bin/uv pip install --no-cache --python .venv/bin/python --require-hashes \
        -r requirements-superset.lock
COPY docker/superset_config.py docker/superset_config.py
ENV SUPERSET_CONFIG_PATH=/opt/beyond-likes/docker/superset_config.py
USER beyond

# Airflow with beyond-likes; the last stage is the one that a plain build makes.
FROM base AS beyond-likes
ARG LOCK=requirements-server.lock
COPY requirements-server.lock requirements-celery.lock ./
RUN .venv/bin/uv pip install --no-cache --python .venv/bin/python --require-hashes -r ${LOCK}
COPY pyproject.toml requirements.in README.md LICENSE ./
COPY extractors extractors
COPY dashboard dashboard
COPY sandbox sandbox
COPY dbt_project dbt_project
COPY dags dags
RUN .venv/bin/uv pip install --no-cache --python .venv/bin/python --no-deps --no-build-isolation --editable .
USER beyond
ENTRYPOINT ["airflow"]
