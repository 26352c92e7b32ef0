"""Text in both languages of the page: a sentence is written twice and filled once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape


@dataclass(frozen=True)
class Text:
    """The same statement in English and in German; names stay as they are in both."""

    en: str
    de: str

    def __add__(self, other: Text | str) -> Text:
        """Return this text with another behind it."""
        more = plain(other)
        return Text(self.en + more.en, self.de + more.de)

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self.en or self.de)


def plain(value: Text | object) -> Text:
    """Return a value that reads the same in both languages, a text as it is."""
    return value if isinstance(value, Text) else Text(str(value), str(value))


def say(en: str, de: str, /, **parts: object) -> Text:
    """Return a sentence with `{name}` filled from `parts` in the language of each side."""
    texts = {name: plain(part) for name, part in parts.items()}
    return Text(
        en.format(**{name: part.en for name, part in texts.items()}),
        de.format(**{name: part.de for name, part in texts.items()}),
    )


def joined(parts: Iterable[Text | str], between: str = " ") -> Text:
    """Return the parts that say something, with `between` between them."""
    texts = [text for text in map(plain, parts) if text]
    return Text(between.join(t.en for t in texts), between.join(t.de for t in texts))


def listed(parts: Iterable[Text | str], limit: int = 5) -> Text:
    """Return "a, b and c"; beyond `limit` it says how many more there are."""
    texts = [plain(part) for part in parts]
    if len(texts) > limit:
        rest = len(texts) - limit + 1
        texts = [*texts[: limit - 1], Text(f"{rest} more", f"{rest} weitere")]
    if len(texts) < 2:
        return texts[0] if texts else Text("", "")
    head = joined(texts[:-1], ", ")
    return say("{head} and {last}", "{head} und {last}", head=head, last=texts[-1])


def quoted(name: object) -> Text:
    """Return a name in the quotes of each language."""
    return Text(f"“{name}”", f"„{name}“")


def html(value: Text | object) -> Markup:
    """Return escaped HTML: one span a language, of which the page shows the chosen one."""
    text = plain("" if value is None else value)
    if text.en == text.de:
        return escape(text.en)
    return Markup('<span lang="en">{}</span><span lang="de">{}</span>').format(text.en, text.de)
