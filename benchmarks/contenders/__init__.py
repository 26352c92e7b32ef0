"""One program a contender: `program URL PAGES FOLDER` fetches, loads and prints the rows."""
