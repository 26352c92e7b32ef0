"""One message and its three forms: plain text, HTML with everything escaped, chat text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

CHAT_LINES = 20  # chats cut what is longer


@dataclass(frozen=True)
class Line:
    """One thing said, what belongs to it (how sure, since when, whom to ask), where to see it."""

    what: str
    more: tuple[str, ...] = ()
    link: str | None = None


@dataclass(frozen=True)
class Section:
    """Lines under a title."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Message:
    """What one recipient gets. `link` leads to the page with all of it."""

    subject: str
    sections: tuple[Section, ...]
    link: str | None = None
    closing: str = ""

    @property
    def text(self) -> str:
        """The message as plain text."""
        return "\n".join(self._rows()) + "\n"

    @property
    def html(self) -> str:
        """The same as simple HTML. Names come from platforms: each is escaped."""
        parts = [f"<title>{escape(self.subject)}</title>"]
        for section in self.sections:
            parts.append(f"<h2>{escape(section.title)}</h2>\n<ul>")
            for line in section.lines:
                more = "".join(f"<br>\n<small>{escape(text)}</small>" for text in line.more)
                more += f"<br>\n<small>{_anchor(line.link)}</small>" if line.link else ""
                parts.append(f"<li><p><strong>{escape(line.what)}</strong>{more}</p></li>")
            parts.append("</ul>")
        if self.closing:
            parts.append(f"<p>{escape(self.closing)}</p>")
        if self.link:
            parts.append(f"<p>{_anchor(self.link)}</p>")
        return '<!doctype html>\n<meta charset="utf-8">\n' + "\n".join(parts) + "\n"

    @property
    def chat(self) -> str:
        """The same for a chat: short, and nothing in it addresses or links anybody."""
        rows = [f"*{_tame(self.subject)}*"]
        lines = [(section, line) for section in self.sections for line in section.lines]
        title = ""
        for section, line in lines[:CHAT_LINES]:
            if section.title != title:
                rows.append(f"*{_tame(section.title)}*")
                title = section.title
            told = " · ".join((line.what, *line.more))
            rows.append(f"• {_tame(told)}{f' · {line.link}' if line.link else ''}")
        if len(lines) > CHAT_LINES:
            rows.append(f"… +{len(lines) - CHAT_LINES}")
        return "\n".join([*rows, *([self.link] if self.link else [])])

    def _rows(self) -> Iterator[str]:
        for section in self.sections:
            yield from (section.title, "=" * len(section.title), "")
            for line in section.lines:
                yield f"- {line.what}"
                yield from (f"  {text}" for text in (*line.more, line.link) if text)
                yield ""
        yield from (text for text in (self.closing, self.link) if text)


def _anchor(link: str) -> str:
    return f'<a href="{escape(link)}">{escape(link)}</a>'


def _tame(text: str) -> str:
    """Escape as chats ask for (&, <, >): a campaign named <!channel> calls nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
