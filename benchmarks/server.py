"""Serves the pages from its own process, so that its work is on nobody's bill."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


def serve(folder: Path) -> None:
    """Print the port, then answer /posts?page=n with a Link to the next page, until killed."""
    pages = len(list(folder.glob("page-*.json")))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 20

        def do_GET(self) -> None:
            """Send one page."""
            asked = parse_qs(urlsplit(self.path).query)
            number = int(asked.get("page", ["0"])[0])
            body = (folder / f"page-{number:05d}.json").read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if number + 1 < pages:
                # tap-rest-api-msdk loses the first and the last parameter of a link
                query = f"per_page=1000&page={number + 1}&order=asc"
                here = f"http://{self.headers['Host']}/posts?{query}"
                self.send_header("Link", f'<{here}>; rel="next"')
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
