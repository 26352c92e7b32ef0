"""What sqlfluff's jinja templater shows in place of dbt's target."""

type = "duckdb"
