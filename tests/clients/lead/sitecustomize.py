"""Python imports this at its start where the folder is on PYTHONPATH: leads a client's hosts."""

import importlib.util
import os
from pathlib import Path

place = Path(__file__).parents[1] / "loopback.py"
spec = importlib.util.spec_from_file_location("beyond_likes_loopback", place)
assert spec is not None
assert spec.loader is not None
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.lead(os.environ)
