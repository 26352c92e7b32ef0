# The team server's image: the same locked packages as on a developer's machine, nothing newer.
FROM python:3.11-slim-bookworm

RUN useradd --uid 50000 --gid 0 --create-home beyond && mkdir -p /opt/beyond-likes /data && chown -R beyond:0 /opt/beyond-likes /data
WORKDIR /opt/beyond-likes
COPY requirements-setup.lock requirements.lock requirements-server.lock ./
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements-setup.lock \
    && .venv/bin/uv pip install --no-cache --python .venv/bin/python --require-hashes \
        -r requirements-server.lock
COPY pyproject.toml requirements.in README.md LICENSE ./
COPY extractors extractors
COPY dashboard dashboard
COPY dbt_project dbt_project
COPY dags dags
RUN .venv/bin/uv pip install --no-cache --python .venv/bin/python --no-deps --no-build-isolation --editable .
ENV PATH=/opt/beyond-likes/.venv/bin:$PATH
USER beyond
ENTRYPOINT ["airflow"]
