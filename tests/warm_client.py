"""What stands in for a command's process: it asks the warm one and ends as that ended."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.warm import ADDRESS, ask

if __name__ == "__main__":
    env = dict(os.environ)
    files = (sys.stdin, sys.stdout, sys.stderr)
    sys.exit(ask(env[ADDRESS], sys.argv[1:], str(Path.cwd()), env, files))
