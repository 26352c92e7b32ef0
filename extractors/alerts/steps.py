"""The two steps that people and DAGs call, and the notice that a run failed or is late.

Results fit JSON. A channel that fails is named in `errors`, is not marked as told, and keeps
neither the other channel nor the publish from their work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from extractors.alerts import agenda, channels, facts, phrases, rules, state
from extractors.alerts.message import Line, Message, Section
from extractors.alerts.rules import Alert
from extractors.alerts.state import News, State
from extractors.alerts.words import Words
from extractors.config import Alerts, Rule
from extractors.core.errors import ExtractError, UsageError
from extractors.project import Project

WEBHOOK = "BEYOND_LIKES_ALERT_URL"
STATE = "alerts.json"
Send = Callable[[Message], None]


def alert(
    own: Project,
    expected: date,
    *,
    secrets: Mapping[str, str] | None = None,
    german: Mapping[str, str] | None = None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Tell each channel what it does not know yet of what the newest release says.

    Shape: {day, holding (all that holds now, as text), told {channel: messages}, errors}.
    `expected` is the business day that should be out, `secrets` fill what the environment lacks,
    `german` names KPIs by key.
    `dry_run` sends and marks nothing: `told` is then the text that each channel would get, of
    `nobody` where there is none.
    Raises: UsageError when nobody is named to be told, FatalError without a readable release.
    """
    settings, words = _settings(own, german or {})
    sends = _channels(own, settings, secrets or {}, needed=not dry_run)
    published = facts.read(own.config.home)
    clock = facts.Clock(expected, own.config.reject_limit)
    with state.opened(own.config.home / STATE) as known:
        holding = known.seen(rules.found(published, clock, settings.rules), published.day)
        if dry_run:
            told = _would_tell(known, holding, sends or ("nobody",), settings, words)
            errors: list[str] = []
        else:
            told, errors = _tell(known, holding, sends, settings, words)
    texts = [phrases.line(one, words).what for one in holding]
    return {"day": str(published.day), "holding": texts, "told": told, "errors": errors}


def _would_tell(
    known: State, holding: list[Alert], names: Iterable[str], settings: Alerts, words: Words
) -> dict[str, Any]:
    found = {name: known.news(name, holding, ended=_ended(settings)) for name in names}
    return {
        name: _written(news, words, settings).text if news else "" for name, news in found.items()
    }


def _tell(
    known: State, holding: list[Alert], sends: Mapping[str, Send], settings: Alerts, words: Words
) -> tuple[dict[str, Any], list[str]]:
    """Send to each channel what is news to it, and mark it once the channel has taken it."""
    told: dict[str, Any] = {}
    errors = []
    known.keep(holding)
    for channel, send in sends.items():
        news = known.news(channel, holding, ended=_ended(settings))
        try:
            if news:
                send(_written(news, words, settings))
        except ExtractError as error:
            errors.append(str(error))
            continue
        known.note(channel, holding)
        told[channel] = len(news.fresh) + len(news.over)
    return told, errors


def _ended(settings: Alerts) -> tuple[Rule, ...]:
    return settings.rules if settings.ended else ()  # a rule switched off has not come true


def digest(
    own: Project,
    *,
    secrets: Mapping[str, str] | None = None,
    german: Mapping[str, str] | None = None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Send the weekly digest, each time it is called, to all channels and, if set, to each owner.

    Shape: {day, text, told (channels and number of owners), errors}. Raises: as `alert`.
    """
    settings, words = _settings(own, german or {})
    sends = _channels(own, settings, secrets or {}, needed=not dry_run)
    published = facts.read(own.config.home)
    message = agenda.digest(published, words, link=settings.link)
    told: dict[str, int] = {}
    errors = []
    for channel, send in ({} if dry_run else sends).items():
        try:
            send(message)
            told[channel] = 1
        except ExtractError as error:
            errors.append(str(error))
    if settings.digest_to_owners and settings.mail and not dry_run and not errors:
        password = _env(own, secrets or {}).get(channels.PASSWORD)
        for address, owned in agenda.per_owner(published, words, link=settings.link).items():
            try:
                channels.mail(settings.mail, owned, password=password, to=[address])
                told["owners"] = told.get("owners", 0) + 1
            except ExtractError as error:
                errors.append(str(error))
    return {"day": str(published.day), "text": message.text, "told": told, "errors": errors}


def notice(own: Project, text: str, *, secrets: Mapping[str, str] | None = None) -> list[str]:
    """Send one line about a run to every channel there is, and return what went wrong.

    Without an `alerts:` section the webhook of the environment is enough.
    """
    settings = own.config.alerts or Alerts()
    message = Message(text, (), settings.link, text)
    errors = []
    for send in _channels(own, settings, secrets or {}, needed=False).values():
        try:
            send(message)
        except ExtractError as error:
            errors.append(str(error))
    return errors


def _settings(own: Project, german: Mapping[str, str]) -> tuple[Alerts, Words]:
    settings = own.config.alerts or Alerts()
    return settings, Words(settings.language or own.config.language, own.config.currency, german)


def _env(own: Project, secrets: Mapping[str, str]) -> Mapping[str, str]:
    set_ones = {name: value for name, value in own.env.items() if value}  # compose sets "" for none
    return {**secrets, **set_ones}


def _channels(
    own: Project, settings: Alerts, secrets: Mapping[str, str], *, needed: bool
) -> dict[str, Send]:
    env = _env(own, secrets)
    found: dict[str, Send] = {}
    if server := settings.mail:
        found["mail"] = lambda message: channels.mail(
            server, message, password=env.get(channels.PASSWORD)
        )
    given = settings.webhook.get_secret_value() if settings.webhook else None
    if url := env.get(WEBHOOK) or given:
        found["chat"] = lambda message: channels.post(url, message.chat)
    if needed and not found:
        do = f"Add mail: under alerts: in sources.yml, or set {WEBHOOK} (docs/how-to/alerts.md)"
        raise UsageError("alerts", "nobody is named to be told", do)
    return found


def _written(news: News, words: Words, settings: Alerts) -> Message:
    fresh = tuple(phrases.line(one, words, link=settings.link) for one in news.fresh)
    over = tuple(phrases.over(entry, words) for _, entry in news.over)
    sections = (
        Section(words.say("New or changed", "Neu oder verändert"), fresh),
        Section(words.say("Over", "Vorbei"), over),
    )
    return Message(
        _subject(news.fresh, over, words),
        tuple(section for section in sections if section.lines),
        settings.link,
        words.say(
            "Each of these is told once, and again when it changes.",
            "Jede dieser Meldungen kommt einmal, und wieder, wenn sich etwas ändert.",
        ),
    )


def _subject(fresh: tuple[Alert, ...], over: tuple[Line, ...], words: Words) -> str:
    parts = [
        words.say(f"{len(fresh)} new", f"{len(fresh)} neu") if fresh else "",
        words.say(f"{len(over)} over", f"{len(over)} vorbei") if over else "",
    ]
    return "beyond-likes: " + ", ".join(part for part in parts if part)
