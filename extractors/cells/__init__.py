"""Small cells: what of the marts may be published when counts under `smallest_cell` may not."""

from extractors.cells.tables import COLUMNS, withheld

__all__ = ["COLUMNS", "withheld"]
