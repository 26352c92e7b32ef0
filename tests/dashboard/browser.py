"""A real Chromium (Debian's package), driven over its own DevTools protocol: no driver needed."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE = 60  # seconds: this many only on a busy machine


class Tab:
    """One page of a running browser."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.asked = 0
        self.width = 1440
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **arguments: Any) -> dict[str, Any]:
        self.asked += 1
        self.socket.send(json.dumps({"id": self.asked, "method": method, "params": arguments}))
        while True:
            said = json.loads(self.socket.recv(timeout=PATIENCE))
            if said.get("id") == self.asked:
                assert "error" not in said, f"{method}: {said['error']}"
                result: dict[str, Any] = said["result"]
                return result
            self.events.append(said)

    def open(self, file: Path, *, width: int = 1440, theme: str = "light") -> None:
        self.width = width
        self._window(900)
        feature = {"name": "prefers-color-scheme", "value": theme}
        self.ask("Emulation.setEmulatedMedia", media="screen", features=[feature])
        self.events.clear()
        self.ask("Page.navigate", url=file.as_uri())
        self.wait_for("document.readyState === 'complete'")

    def wait_for(self, expression: str) -> None:
        end = time.monotonic() + PATIENCE
        while not self.run(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.02)

    def run(self, script: str) -> Any:
        said = self.ask(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def press(self, key: str, code: int, text: str = "") -> None:
        for kind in ("keyDown", "keyUp"):
            self.ask(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key,
                windowsVirtualKeyCode=code, text=text if kind == "keyDown" else "",
            )  # fmt: skip

    def picture(self, file: Path, *, top: int = 0, height: int = 900) -> None:
        """Write what a window of this height shows; larger than the window hangs when emulated."""
        self._window(height)
        self.run(f"window.scrollTo(0, {top})")
        shot = self.ask("Page.captureScreenshot", format="png")
        file.write_bytes(base64.b64decode(shot["data"]))

    def _window(self, height: int) -> None:
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=self.width, height=height, deviceScaleFactor=1, mobile=self.width < 500,
        )  # fmt: skip

    def requests(self) -> list[str]:
        """Return the addresses that the page asked for, itself excepted."""
        sent = [e["params"] for e in self.events if e["method"] == "Network.requestWillBeSent"]
        return [one["request"]["url"] for one in sent if one["type"] != "Document"]

    def complaints(self) -> list[str]:
        """Return what the browser logged, refused styles and scripts included."""
        logged = [
            e["params"]["entry"]["text"] for e in self.events if e["method"] == "Log.entryAdded"
        ]
        thrown = [e for e in self.events if e["method"] == "Runtime.exceptionThrown"]
        return [*logged, *map(str, thrown)]


@contextmanager
def browser(folder: Path) -> Iterator[Tab]:
    """Start Chromium with a profile in `folder` and yield its tab."""
    assert CHROMIUM is not None
    process = subprocess.Popen(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--no-first-run", "--disable-extensions", "--disable-background-networking",
            "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with connect(_address(folder), max_size=None) as socket:
            yield Tab(socket)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _address(folder: Path) -> str:
    note = folder / "DevToolsActivePort"
    end = time.monotonic() + PATIENCE
    while not note.exists() or len(note.read_text().split()) < 2:
        assert time.monotonic() < end, "Chromium did not start"
        time.sleep(0.05)
    port = note.read_text().split()[0]
    while True:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=PATIENCE) as got:
            tabs = [one for one in json.load(got) if one["type"] == "page"]
        if tabs:
            return str(tabs[0]["webSocketDebuggerUrl"])
        assert time.monotonic() < end, "Chromium opened no page"
        time.sleep(0.05)
