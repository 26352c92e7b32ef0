"""Alerts and digest: told once, again when something changes, over when it is; secrets stay."""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from extractors import alerts
from extractors.alerts.rules import has_enough
from extractors.alerts.words import Words
from extractors.core.errors import FatalError, UsageError
from extractors.project import Project
from tests.conftest import Platform
from tests.release import DOGS, OCTOBER, ZENDESK, off_target, release
from tests.smtp import MailServer, mail_server

DAY = date(2026, 11, 22)
PASSWORD, HOOK = "pass-word-7", "/services/T0/B0/hook-secret-9"


@pytest.fixture
def post_office() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


class Desk:
    """One company's settings and environment; each call is one night's alert."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "data"
        self.env: dict[str, str] = {}

    def settings(self, port: int | None = None, extra: str = "") -> None:
        mail = f"mail: {{host: 127.0.0.1, port: {port}, from: bot@acme.example," if port else ""
        mail += " to: [team@acme.example], starttls: false}" if port else ""
        text = f"currency: EUR\nalerts:\n  {mail or 'ended: true'}\n"
        (self.folder / "sources.yml").write_text(text + extra)

    def project(self) -> Project:
        return Project.open(self.folder / "sources.yml", self.env)

    def night(self, **options: Any) -> dict[str, Any]:
        return alerts.alert(self.project(), options.pop("expected", DAY), **options)

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "alerts.json").read_text())
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_an_alert_says_what_how_sure_since_when_and_whom_to_ask(
    desk: Desk, post_office: MailServer
) -> None:
    release(desk.home, "2026-11-22", **off_target())
    desk.settings(post_office.port, "  link: https://kpi.acme.example/review\n")
    assert desk.night()["told"] == {"mail": 1}
    assert post_office.recipients == [["team@acme.example"]]
    assert post_office.mails[0]["Subject"] == "beyond-likes: 1 new"
    assert post_office.text() == dedent(
        """\
        New or changed
        ==============

        - Hires from social media: off target. October 2026: 8, the target is at least 20.
          Two months running the whole 95% interval misses the target: 4.12 to 17.1, then 3.45 to 15.8. A KPI exactly on target, its events independent, does that in fewer than 3 of 100 years.
          Since 1 Sep 2026
          Ask: Ada, ada@acme.example
          https://kpi.acme.example/review#kpi-hires

        Each of these is told once, and again when it changes.
        https://kpi.acme.example/review
        """  # noqa: E501
    )


def test_the_second_night_sends_nothing_and_a_change_sends_again(
    desk: Desk, post_office: MailServer
) -> None:
    desk.settings(post_office.port)
    release(desk.home, "2026-11-22", **off_target())
    desk.night()
    release(desk.home, "2026-11-23", **off_target())
    assert desk.night(expected=date(2026, 11, 23))["told"] == {"mail": 0}
    assert len(post_office.mails) == 1

    release(desk.home, "2026-11-24", **off_target(target=25))
    desk.night(expected=date(2026, 11, 24))
    assert len(post_office.mails) == 2
    assert "the target is at least 25" in post_office.text()


def test_what_is_over_is_told_once_and_claims_no_success(
    desk: Desk, post_office: MailServer
) -> None:
    desk.settings(post_office.port)
    release(desk.home, "2026-11-22", **off_target())
    desk.night()
    release(desk.home, "2026-11-22", **off_target(status="undecided", off_target_since=None))
    desk.night()
    desk.night()
    assert [mail["Subject"] for mail in post_office.mails] == [
        "beyond-likes: 1 new",
        "beyond-likes: 1 over",
    ]
    assert "Hires: no longer surely off target two months running." in post_office.text()
    assert desk.state() == {}


def test_without_ended_what_is_over_is_forgotten_in_silence(
    desk: Desk, post_office: MailServer
) -> None:
    desk.settings(post_office.port, "  ended: false\n")
    release(desk.home, "2026-11-22", **off_target())
    desk.night()
    release(desk.home, "2026-11-22")
    desk.night()
    assert len(post_office.mails) == 1
    assert desk.state() == {}


def test_a_rule_that_is_switched_off_is_not_told_as_over(
    desk: Desk, post_office: MailServer
) -> None:
    release(desk.home, "2026-11-22", **off_target())
    desk.settings(post_office.port)
    desk.night()
    desk.settings(post_office.port, "  rules: [stale]\n")
    assert desk.night()["told"] == {"mail": 0}
    assert desk.state() == {}


def test_a_dead_mail_server_marks_nothing_and_keeps_no_other_channel(
    desk: Desk, post_office: MailServer, platform: Platform
) -> None:
    with mail_server() as gone:
        port = gone.port
    platform.says(HOOK, "ok")
    desk.settings(port)
    desk.env = {"BEYOND_LIKES_ALERT_URL": platform.url + HOOK}
    release(desk.home, "2026-11-22", **off_target())
    outcome = desk.night()
    assert outcome["told"] == {"chat": 1}
    assert outcome["errors"] == [
        f"alerts.mail (127.0.0.1:{port}): not reached (Connection refused). Look at host: and "
        "port: under alerts: in sources.yml; the next run tries again."
    ]
    assert list(desk.state()["kpi/hires"]["told"]) == ["chat"]

    desk.settings(post_office.port)
    assert desk.night()["told"] == {"mail": 1, "chat": 0}
    assert len(post_office.mails) == 1
    assert len(platform.calls) == 1


def test_the_chat_gets_json_and_a_failure_of_the_moment_is_tried_once_more(
    desk: Desk, platform: Platform
) -> None:
    platform.says(HOOK, "busy", status=503)
    platform.says(HOOK, "ok")
    desk.settings()
    desk.env = {"BEYOND_LIKES_ALERT_URL": platform.url + HOOK}
    release(desk.home, "2026-11-22", kpi_campaigns=[{**DOGS, "campaign": "<!channel> & co"}])
    assert desk.night()["errors"] == []
    assert [call.method for call in platform.calls] == ["POST", "POST"]
    assert platform.calls[1].headers["content-type"] == "application/json"
    text = json.loads(platform.calls[1].body)["text"]
    assert "• &lt;!channel&gt; &amp; co: much liked, little reached." in text
    assert "<!channel>" not in text


def test_a_webhook_that_moves_or_refuses_is_not_followed_and_marks_nothing(
    desk: Desk, platform: Platform, other_platform: Platform
) -> None:
    platform.says(HOOK, "", status=302, headers={"Location": other_platform.url + "/take"})
    desk.settings(extra=f"  webhook: {platform.url}{HOOK}\n")
    release(desk.home, "2026-11-22", **off_target())
    outcome = desk.night()
    assert outcome["errors"] == [
        "alerts.webhook: the webhook answered 302. Make a new webhook in the chat and set its "
        "address."
    ]
    assert len(platform.calls) == 1
    assert other_platform.calls == []
    assert desk.state()["kpi/hires"]["told"] == {}


def test_secrets_are_in_no_message_no_log_and_no_file(
    desk: Desk, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    platform.says(HOOK, "no", status=404)
    release(desk.home, "2026-11-22", **off_target())
    with mail_server(MailServer(password="another")) as strict:
        mail = f"{{host: 127.0.0.1, port: {strict.port}, from: b@acme.example, to: a@acme.example,"
        mail += " starttls: false, user: bot}"
        (desk.folder / "sources.yml").write_text(
            f"alerts:\n  mail: {mail}\n  webhook: {platform.url}{HOOK}\n"
        )
        desk.env = {"BEYOND_LIKES_SMTP_PASSWORD": PASSWORD}
        project = desk.project()
        outcome = alerts.alert(project, DAY)
    assert [error.partition(". ")[0] for error in outcome["errors"]] == [
        f"alerts.mail (127.0.0.1:{strict.port}): the login of bot was refused (535)",
        "alerts.webhook: the webhook answered 404",
    ]
    kept = "".join(file.read_text() for file in desk.home.glob("alerts.*"))
    for text in (caplog.text, str(outcome), repr(project.config), kept):
        assert PASSWORD not in text
        assert "hook-secret" not in text


def test_no_trace_of_an_error_shows_the_webhook(desk: Desk) -> None:
    from extractors.alerts.channels import post

    with pytest.raises(FatalError) as caught:
        post("ftp://chat.example/hook-secret-9", "hello")
    assert "hook-secret" not in str(caught.getrepr(style="long", chain=True)).replace(
        'post("ftp://chat.example/hook-secret-9", "hello")', ""
    )
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_login_and_an_encrypted_connection(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certified(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    release(desk.home, "2026-11-22", **off_target())
    desk.env = {"BEYOND_LIKES_SMTP_PASSWORD": PASSWORD}
    with mail_server(MailServer(password=PASSWORD, tls=context)) as server:
        (desk.folder / "sources.yml").write_text(
            f"alerts:\n  mail: {{host: localhost, port: {server.port}, from: bot@acme.example,"
            " to: a@acme.example, user: bot}\n"
        )
        (error,) = desk.night()["errors"]
        assert "its certificate is not trusted" in error
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert desk.night()["errors"] == []
    assert server.encrypted == [True]


def certified(folder: Path) -> Path:
    """Make a certificate of localhost, signed by itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "localhost.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (MailServer(refuses=550), "every recipient was refused (550). Mend to:."),
        (MailServer(password="p"), "the server refused the mail (530)."),
    ],
)
def test_a_refused_mail_says_the_code_and_what_to_do(
    desk: Desk, server: MailServer, said: str
) -> None:
    release(desk.home, "2026-11-22", **off_target())
    with mail_server(server):
        desk.settings(server.port)
        (error,) = desk.night()["errors"]
    assert said in error
    assert desk.state()["kpi/hires"]["told"] == {}


def test_one_address_that_is_gone_keeps_nobody_from_the_mail(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    release(desk.home, "2026-11-22", **off_target())
    with mail_server(MailServer(gone=("left@acme.example",))) as server:
        desk.settings(server.port)
        file = desk.folder / "sources.yml"
        file.write_text(file.read_text().replace("[team@", "[left@acme.example, team@"))
        assert [desk.night()["told"]["mail"] for _ in range(2)] == [1, 0]
    assert server.recipients == [["team@acme.example"]]
    assert "1 recipients were refused. Mend to:." in caplog.text
    assert "left@" not in caplog.text


def test_names_from_platforms_are_escaped_in_the_mail(desk: Desk, post_office: MailServer) -> None:
    name = "<script>alert(1)</script>\r\nBcc: all@acme.example"
    release(desk.home, "2026-11-22", kpi_campaigns=[{**DOGS, "campaign": name}])
    desk.settings(post_office.port)
    desk.night()
    assert "<script>" not in post_office.html()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in post_office.html()
    assert post_office.recipients == [["team@acme.example"]]
    assert post_office.mails[0]["Bcc"] is None


@pytest.mark.parametrize(
    ("changed", "method"),
    [
        ({"target": 4}, "count"),  # fewer than 5 expected
        ({"target": 20, "lower_95": None, "upper_95": None}, "none"),  # judged by value alone
        ({"numerator": 2, "denominator": 40, "target": 0.1}, "wilson"),  # 4 of 40 expected
        ({"numerator": 30, "denominator": 40, "target": 0.9}, "wilson"),  # 4 misses expected
        ({"numerator": 400, "target": 100}, "cost_per_count"),  # 4 expected for the money
        ({"denominator": 29, "direction": "down"}, "mean"),
        ({"denominator": 500, "direction": "up"}, "mean"),  # skewed: falsely too short
        ({"target": None}, "count"),
    ],
)
def test_too_little_data_is_no_alarm(changed: dict[str, Any], method: str) -> None:
    assert not has_enough({**OCTOBER, "denominator": None, **changed}, method)


@pytest.mark.parametrize(
    ("changed", "method"),
    [
        ({"target": 5}, "count"),
        ({"numerator": 2, "denominator": 50, "target": 0.1}, "wilson"),
        ({"numerator": 500, "target": 100}, "cost_per_count"),
        ({"numerator": 900, "denominator": 30, "direction": "down"}, "mean"),
    ],
)
def test_enough_data_is(changed: dict[str, Any], method: str) -> None:
    assert has_enough({**OCTOBER, "denominator": None, **changed}, method)


def test_one_month_off_target_is_no_alarm(desk: Desk) -> None:
    tables = off_target()
    tables["kpi_values"] = [{**tables["kpi_values"][0], "status": "undecided"}, OCTOBER]
    release(desk.home, "2026-11-22", **tables)
    desk.settings()
    assert desk.night(dry_run=True)["holding"] == []


def test_sources_that_are_stale_drift_or_reject_are_told_by_stream(
    desk: Desk, post_office: MailServer
) -> None:
    down = {**ZENDESK, "stream": "users", "status": "failed", "last_error": "token refused (401)."}
    posts = {**ZENDESK, "source": "linkedin", "stream": "posts", "status": "ok"}
    posts |= {"drift": "reactions, boosts", "rejected_rows": 9, "rejected_share": 0.09}
    one_bad_night = {**ZENDESK, "source": "hubspot", "status": "failed", "freshness_days": 1}
    release(desk.home, "2026-11-22", data_coverage=[ZENDESK, down, posts, one_bad_night])
    desk.settings(post_office.port)
    assert desk.night()["holding"] == [
        "zendesk: nothing new for 6 days (tickets, users). Its KPIs stand still. Last error: "
        "token refused (401).",
        "linkedin.posts: 9 rows rejected, 9.0% of what arrived; the limit is 5.0%.",
        "linkedin.posts: sends fields that nobody declared: boosts, reactions. They are not "
        "loaded.",
    ]
    assert "Since 16 Nov 2026\n  Ask: Bo, bo@acme.example" in post_office.text()


def test_of_fields_that_nobody_declared_only_new_ones_are_told(
    desk: Desk, post_office: MailServer
) -> None:
    desk.settings(post_office.port)
    for drift in ("reactions", None, "reactions", "boosts, reactions"):
        row = {**ZENDESK, "status": "ok", "drift": drift}
        release(desk.home, "2026-11-22", data_coverage=[row])
        desk.night()
    assert len(post_office.mails) == 2
    assert "nobody declared: boosts. They" in post_office.text()


def test_a_release_older_than_last_night_is_late(desk: Desk) -> None:
    release(desk.home, "2026-11-20")
    desk.settings()
    (late,) = desk.night(dry_run=True)["holding"]
    assert late.startswith("The nightly run is late: readers still see 20 Nov 2026, 2 days behind.")


def test_only_the_chosen_rules_are_looked_at(desk: Desk) -> None:
    release(desk.home, "2026-11-20", kpi_campaigns=[DOGS], data_coverage=[ZENDESK])
    desk.settings(extra="  rules: [vanity]\n")
    (vanity,) = desk.night(dry_run=True)["holding"]
    said = "Office Dogs: much liked, little reached. More reactions per impression than 100% of its"
    assert vanity.startswith(said)


def test_a_dry_run_sends_and_marks_nothing(desk: Desk, post_office: MailServer) -> None:
    release(desk.home, "2026-11-22", **off_target())
    desk.settings(post_office.port)
    assert "Hires from social media: off target." in desk.night(dry_run=True)["told"]["mail"]
    assert post_office.mails == []
    assert not (desk.home / "alerts.json").exists()


def test_german_is_written_not_translated(desk: Desk, post_office: MailServer) -> None:
    release(desk.home, "2026-11-22", **off_target(value=1240.5, unit="currency"))
    desk.settings(post_office.port, "language: de\n")
    desk.night(german={"hires": "Einstellungen"})
    text = post_office.text()
    assert (
        "Einstellungen aus Social Media: Ziel verfehlt. Oktober 2026: 1.240\u00a0€, das Ziel ist"
        in text
    )
    assert "Seit 01.09.2026\n  Wen fragen: Ada, ada@acme.example" in text


def test_nobody_to_tell_nothing_published_and_a_broken_state_say_what_to_do(desk: Desk) -> None:
    desk.settings()
    with pytest.raises(UsageError, match=r"nobody is named to be told. Add mail:"):
        desk.night()
    with pytest.raises(FatalError, match=r"nothing is published yet. Run `beyond-likes run` first"):
        desk.night(dry_run=True)
    release(desk.home, "2026-11-22")
    (desk.home / "alerts.json").write_text('{"kpi/hires": ')
    with pytest.raises(FatalError, match=r"alerts.json: not readable. Delete it"):
        desk.night(dry_run=True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("rules: [vanty]", "Input should be 'kpi', 'vanity'"),
        ("mail: {host: mx.acme.example, from: a@b.c, to: []}", "alerts.mail.to"),
        (
            "mail: {host: mx.acme.example, from: a@b.c, to: a@b.c, user: u, starttls: false}",
            "a password needs an encrypted connection: set starttls: true",
        ),
        ("link: javascript:alert(1)", "alerts.link"),
    ],
)
def test_settings_that_do_not_fit_are_named(desk: Desk, line: str, said: str) -> None:
    (desk.folder / "sources.yml").write_text(f"alerts:\n  {line}\n")
    with pytest.raises(UsageError) as caught:
        desk.project()
    assert said in str(caught.value)


def test_a_notice_about_a_run_needs_the_webhook_alone(desk: Desk, platform: Platform) -> None:
    platform.says(HOOK, "ok")
    (desk.folder / "sources.yml").write_text("currency: EUR\n")
    desk.env = {"BEYOND_LIKES_ALERT_URL": platform.url + HOOK}
    assert alerts.notice(desk.project(), "nightly: failed.") == []
    assert json.loads(platform.calls[0].body) == {"text": "*nightly: failed.*"}


def test_an_empty_variable_leaves_the_place_to_the_connection(
    desk: Desk, platform: Platform
) -> None:
    platform.says(HOOK, "ok")
    release(desk.home, "2026-11-22", **off_target())
    desk.settings()
    desk.env = {"BEYOND_LIKES_ALERT_URL": ""}
    outcome = desk.night(secrets={"BEYOND_LIKES_ALERT_URL": platform.url + HOOK})
    assert outcome["told"] == {"chat": 1}


def test_figures_are_written_as_the_reader_writes_them() -> None:
    english, german = Words("en", "EUR"), Words("de", "USD")
    assert english.amount(0.0757, "rate") == "7.6%"
    assert german.amount(0.0757, "rate") == "7,6\u00a0%"
    assert german.amount(1234567.8, "currency") == "1.234.568\u00a0$"
    assert english.amount(12.34, "days") == "12.3\u00a0days"
    assert english.amount(None, "count") == "–"
    assert english.interval({"lower_95": 3.5, "upper_95": None, "unit": "count"}) == "at least 3.50"
