"""What may happen to a night, each as a function that does it to one case of tests/ground.py.

A disturbance returns where a normal run must mend all that came of it; it raises AssertionError
where the command that met it said nothing clear or left something changed.
"""

from tests.disturbances import damage, disks, kills, neighbours
from tests.disturbances.registry import EVENING, MORNING, SHORT

__all__ = ["EVENING", "MORNING", "SHORT", "damage", "disks", "kills", "neighbours"]
