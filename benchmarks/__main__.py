"""`python -m benchmarks` runs every benchmark."""

from benchmarks.extract_load import main

main()
