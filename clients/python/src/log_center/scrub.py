"""Takes secrets out before anything leaves the program: by key, in whole words, and by value.

The server scrubs again by more rules; what is taken out here never travels.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import FrozenSet, Tuple
from urllib.parse import unquote

SCRUBBED = "[scrubbed]"

# One word of a key is enough.
_SECRET_WORDS = frozenset(
    "password passwd passphrase pwd passcode secret token authorization auth cookie cookies "
    "session sessionid csrf xsrf csrftoken xsrftoken csrfmiddlewaretoken credential credentials "
    "cvv cvc pin otp apikey privatekey accesskey secretkey signature sig jwt bearer jsessionid "
    "phpsessid sid pass pgpassword ssn iban passwort senha contraseña 密码 密碼 密钥 口令 令牌 пароль "
    "токен".split()
)
# Two or three words in a row.
_SECRET_PAIRS = frozenset(
    [("api", "key"), ("private", "key"), ("access", "key"), ("secret", "key"), ("auth", "key"),
     ("log", "center", "key"), ("card", "number"), ("credit", "card"), ("session", "id"),
     ("encryption", "key"), ("signing", "key"), ("stripe", "key"), ("auth", "code"),
     ("totp", "code"), ("mfa", "code"), ("verification", "code"), ("mot", "de", "passe"),
     ("cc", "number"), ("cc", "no")]
)
# Words that make a secret's name harmless: `max_tokens` and `token_type` hide nothing.
_HARMLESS = frozenset("count type expiry expires max min length policy name".split())

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_GAP = re.compile(r"[\W_]+")

_VALUES = re.compile(
    # Authorization values, wherever they stand.
    r"(?P<scheme>\b(?:Bearer|Basic|Token)\s+)[A-Za-z0-9._~+/=-]{8,}"
    # JSON Web Tokens.
    r"|\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*"
    # Private keys, also without their end.
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----|[\s\S]*)"
    # Credentials in addresses.
    r"|(?P<address>\b[a-z][a-z0-9+.-]{1,30}://)[^\s/?#@]{1,256}@"
    # Well-known tokens.
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk_live_|sk-|AKIA|AIza)[A-Za-z0-9_-]{12,}",
)
# `password=…` in an address, a form or a connection string, and `password = "…"` in source.
_PAIRS = re.compile(
    r"(?<![\w.\-\[\]])(?P<key>[\w.\-\[\]]{1,64}(?:%(?!3[Dd])[0-9A-Fa-f]{2}[\w.\-\[\]]{0,64}){0,9})"
    r"(?P<sign>\s{0,3}=\s{0,3}(?=[\"'])|=|%3[Dd])"
    r"(?P<value>\"[^\"]*\"|'[^']*'|[^\s&;,'\"#()]+)"
)
# `"password": "…"`, also quoted once more, and `password: "…"` as in GraphQL.
_QUOTED = re.compile(
    r"(?<![\w.\-])(?P<key>[\w.\-]{2,64})(?P<sign>\\{0,3}[\"']?\s{0,3}:\s{0,3})"
    r"(?P<quote>\\{0,3}[\"'])(?:(?!(?P=quote)).)*(?P=quote)"
)
# Lines of HTTP, and `password: s3cret`; not `password: too short`.
_HEADERS = re.compile(
    r"\b(?P<key>(?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]{2,64})(?P<sign>:\s?)"
    r"(?P<value>[^\r\n\"']+)", re.I
)
_SAID = re.compile(
    r"(?<![\w.-])(?P<key>[\w.-]{3,64})(?P<sign>: ?)(?=[^\s\"']*[0-9!$%&*+@^~])"
    r"(?P<value>[^\s\"',;)}]{4,})"
)
# `--password s3cret` on a command line.
_FLAGS = re.compile(r"--?(?P<key>[\w-]{3,64})(?P<sign>\s+)(?P<value>(?!-)[^\s\"']+)")
# What a database tells of a row, and SQLAlchemy of a statement: values without their names.
_ROW = re.compile(r"(Failing row contains )\([^\n]*\)")
_PARAMETERS = re.compile(r"\[parameters: .*?(?:\](?=\s*(?:\n|\(Background|$))|$)", re.S)
_CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")


class Scrubber:
    """The rules, with the further keys that the application named."""

    def __init__(self, extra: Tuple[str, ...] = ()) -> None:
        self.extra: FrozenSet[Tuple[str, ...]] = frozenset(
            found for found in map(words, extra) if found
        )

    def is_secret(self, key: str) -> bool:
        """Whether the value under this key must not leave."""
        if _is_secret(key):
            return True
        if not self.extra:
            return False
        found = words(key)
        return any(_holds(found, wanted) for wanted in self.extra)

    def text(self, text: str) -> str:
        """Free text without the secrets in it: a message, a stack line, an address."""
        if "://" in text or "-----BEGIN" in text or _may_hold_token(text):
            text = _VALUES.sub(_replace_value, text)
        if "=" in text:
            text = _PAIRS.sub(self._replace_pair, text)
        if ":" in text:
            text = _HEADERS.sub(self._replace_pair, text)
            text = _QUOTED.sub(self._replace_quoted, text)
            text = _SAID.sub(self._replace_pair, text)
        if "--" in text:
            text = _FLAGS.sub(self._replace_flag, text)
        if "Failing row" in text:
            text = _ROW.sub(rf"\1({SCRUBBED})", text)
        if "[parameters: " in text and self._names_secret(text.partition("[parameters: ")[0]):
            text = _PARAMETERS.sub(f"[parameters: {SCRUBBED}]", text)
        if _DIGITS.search(text):
            text = _CARD.sub(_replace_card, text)
        return text

    def _replace_pair(self, found: "re.Match[str]") -> str:
        key = found["key"]
        if not self.is_secret(unquote(key) if "%" in key else key):
            value = found["value"]
            if found["sign"].strip() != "=" or not ("=" in value or "%3" in value):
                return found[0]
            # An address within an address, and no deeper.
            return f"{key}{found['sign']}{_PAIRS.sub(self._replace_inner, value)}"
        if found["value"] == SCRUBBED:
            return found[0]
        quote = found["value"][0] if found["value"][0] in "\"'" else ""
        return f"{key}{found['sign']}{quote}{SCRUBBED}{quote}"

    def _replace_inner(self, found: "re.Match[str]") -> str:
        key = unquote(found["key"])
        return f"{found['key']}{found['sign']}{SCRUBBED}" if self.is_secret(key) else found[0]

    def _replace_quoted(self, found: "re.Match[str]") -> str:
        if not self.is_secret(found["key"]):
            return found[0]
        return f"{found['key']}{found['sign']}{found['quote']}{SCRUBBED}{found['quote']}"

    def _replace_flag(self, found: "re.Match[str]") -> str:
        if not self.is_secret(found["key"]):
            return found[0]
        return found[0][:found.start("value") - found.start()] + SCRUBBED

    def _names_secret(self, statement: str) -> bool:
        return any(self.is_secret(word) for word in re.findall(r"\w{2,64}", statement))


_DIGITS = re.compile(r"\d[\d -]{11,}\d")
_TOKEN_HINT = re.compile(
    r"Bearer|Basic|Token|eyJ|gh[pousr]_|github_pat_|glpat-|xox|sk_live_|sk-|AKIA|AIza"
)


def _may_hold_token(text: str) -> bool:
    return _TOKEN_HINT.search(text) is not None


def words(key: str) -> Tuple[str, ...]:
    """The lower-case words of a key, without digits at their ends."""
    parts = _GAP.split(_CAMEL.sub("_", key[:256]))
    return tuple(word for word in (part.lower().rstrip("0123456789") for part in parts) if word)


def _holds(found: Tuple[str, ...], wanted: Tuple[str, ...]) -> bool:
    size = len(wanted)
    return any(found[at:at + size] == wanted for at in range(len(found) - size + 1))


@lru_cache(maxsize=2048)
def _is_secret(key: str) -> bool:
    found = words(key)
    if not found or (len(found) > 1 and not _HARMLESS.isdisjoint(found)):
        return False
    if any(word in _SECRET_WORDS for word in found):
        return True
    return any(_holds(found, pair) for pair in _SECRET_PAIRS)


def _replace_value(found: "re.Match[str]") -> str:
    if found["scheme"]:
        return found["scheme"] + SCRUBBED
    if found["address"]:
        return found["address"] + SCRUBBED + "@"
    return SCRUBBED


def _replace_card(found: "re.Match[str]") -> str:
    digits = [int(digit) for digit in found[0] if digit.isdigit()]
    if digits[0] not in (2, 3, 4, 5, 6):
        return found[0]
    doubled = sum(
        digit if at % 2 == 0 else digit * 2 - 9 * (digit > 4)
        for at, digit in enumerate(reversed(digits))
    )
    return SCRUBBED if doubled % 10 == 0 else found[0]
