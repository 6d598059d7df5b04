"""Ways an alarm leaves the machine: a webhook, Telegram's bot interface, and mail.

Outbound only: nothing here listens, and no answer is read beyond its status. Addresses and
tokens come from the environment or the keyring and stand in no sentence.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Final, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import requests

from core.errors import BadSetting, SourceFailed

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 10.0
TELEGRAM: Final = "https://api.telegram.org"
FindKey = Callable[[str], str | None]
NAMES: Final = {
    "webhook": "MUNIM_ALARM_WEBHOOK",
    "telegram": "MUNIM_ALARM_TELEGRAM_TOKEN",
    "mail": "MUNIM_ALARM_MAIL",
}
CHAT: Final = "MUNIM_ALARM_TELEGRAM_CHAT"


class Channel(Protocol):
    """One way out."""

    @property
    def name(self) -> str:
        """What the rows of deliveries call it."""

    def send(self, title: str, text: str) -> str:
        """Deliver one message and return the proof, such as "HTTP 200"; raises SourceFailed."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A POST of JSON that ntfy, Slack and their like understand; a 2xx is the proof."""

    address: str = field(repr=False)
    name: str = "webhook"

    def send(self, title: str, text: str) -> str:
        body: dict[str, str | int] = {
            "title": title,
            "message": text,
            "text": f"{title}\n{text}",
            "priority": 5,
        }
        return _post(self.name, self.address, body)


@dataclass(frozen=True, slots=True)
class Telegram:
    """A message to one chat through the bot interface; a 2xx is the proof."""

    token: str = field(repr=False)
    chat: str = field(repr=False)
    root: str = TELEGRAM
    name: str = "telegram"

    def send(self, title: str, text: str) -> str:
        address = f"{self.root}/bot{self.token}/sendMessage"
        body = {"chat_id": self.chat, "text": f"{title}\n{text}"}
        return _post(self.name, address, body)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail through one SMTP server; its 250 for the message is the proof."""

    host: str
    port: int
    sender: str
    to: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    tls: bool = True
    name: str = "mail"

    def send(self, title: str, text: str) -> str:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, self.to, title
        message.set_content(text)
        try:
            with smtplib.SMTP(self.host, self.port, timeout=READ_SECONDS) as server:
                if self.tls:
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                return _given(server, self.sender, self.to, message.as_bytes())
        except smtplib.SMTPResponseException as no:
            raise SourceFailed(f"mail: the server answered {no.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as wrong:
            raise SourceFailed(f"mail: not delivered ({type(wrong).__name__})") from None


def _given(server: smtplib.SMTP, sender: str, to: str, body: bytes) -> str:
    """Hand over one message by its steps, because `sendmail` keeps the answer to itself."""
    server.ehlo_or_helo_if_needed()
    for code, _ in (server.mail(sender), server.rcpt(to)):
        if code not in (250, 251):
            raise SourceFailed(f"mail: the server answered {code}")
    code, _ = server.data(body)
    if code != 250:
        raise SourceFailed(f"mail: the server answered {code}")
    return f"SMTP {code}"


def channels(find: FindKey) -> tuple[list[Channel], list[str]]:
    """Every channel that is set up, and sentences on settings that cannot be used."""
    found: list[Channel] = []
    wrong: list[str] = []
    for name, build in (("webhook", _webhook), ("telegram", _telegram), ("mail", _mail)):
        value = find(NAMES[name])
        if not value:
            continue
        try:
            found.append(build(value, find))
        except BadSetting as bad:
            wrong.append(str(bad))
    return found, wrong


def _webhook(value: str, _: FindKey) -> Channel:
    place = urlsplit(value)
    if place.scheme not in ("http", "https") or not place.hostname:
        raise BadSetting(f"{NAMES['webhook']} is no http or https address")
    return Webhook(value)


def _telegram(value: str, find: FindKey) -> Channel:
    chat = find(CHAT)
    if not chat:
        raise BadSetting(f"{NAMES['telegram']} is set and {CHAT} is not; set both")
    return Telegram(value, chat, root=find("MUNIM_ALARM_TELEGRAM_ROOT") or TELEGRAM)


def _mail(value: str, find: FindKey) -> Channel:
    """smtp://user@host:587?from=a@b&to=c@d, `smtp+plain` for a server without TLS."""
    place = urlsplit(value)
    more = parse_qs(place.query)
    sender, to = more.get("from", [""])[0], more.get("to", [""])[0]
    try:
        port = place.port or 587
    except ValueError:
        port = 0
    if not (place.scheme in ("smtp", "smtp+plain") and place.hostname and port and sender and to):
        raise BadSetting(
            f"{NAMES['mail']} must read smtp://USER@HOST:587?from=ADDRESS&to=ADDRESS, with the "
            f"password in {NAMES['mail']}_PASSWORD"
        )
    return Mail(
        place.hostname,
        port,
        sender,
        to,
        user=unquote(place.username or ""),
        password=find(f"{NAMES['mail']}_PASSWORD") or "",
        tls=place.scheme == "smtp",
    )


def _post(name: str, address: str, body: Mapping[str, str | int]) -> str:
    try:
        answer = requests.post(
            address,
            json=dict(body),
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        )
        answer.close()
    except requests.exceptions.RequestException as wrong:
        raise SourceFailed(f"{name}: not delivered ({type(wrong).__name__})") from None
    if not 200 <= answer.status_code < 300:
        raise SourceFailed(f"{name}: the other side answered HTTP {answer.status_code}")
    return f"HTTP {answer.status_code}"
