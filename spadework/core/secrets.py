"""Encryption of what is stored: the installation's key, each account's own key, and the box that seals with them."""

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from spadework.core.config import Settings
from spadework.core.errors import Misconfigured

KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = b"\x01"


@dataclass(frozen=True, slots=True)
class Label:
    """Where a sealed text belongs; it opens under exactly this label, so a copy in another row is useless."""

    account_id: UUID
    kind: str
    name: str
    version: int

    def to_bytes(self) -> bytes:
        """The label as the additional data of AES-GCM; a JSON list, so that no part can run into the next."""
        return orjson.dumps([str(self.account_id), self.kind, self.name, self.version])


class Box:
    """Seals and opens with a key per account, which is itself stored sealed by the installation's key.

    AES-256-GCM throughout. Deleting an account's wrapped key makes everything sealed under it unreadable.
    """

    def __init__(self, kek: bytes) -> None:
        if len(kek) != KEY_BYTES:
            raise Misconfigured(f"The secret key has {len(kek)} bytes; it needs {KEY_BYTES}.")
        self._kek = kek

    def make_account_key(self, account_id: UUID) -> bytes:
        """A new random key for one account, wrapped; store it with the account."""
        return _encrypt(self._kek, secrets.token_bytes(KEY_BYTES), _wrapping(account_id))

    def seal(self, text: bytes, label: Label, *, wrapped_key: bytes) -> bytes:
        """The text sealed under the account's key and the label; different bytes each time."""
        return _encrypt(self._unwrap(wrapped_key, label.account_id), text, label.to_bytes())

    def open(self, sealed: bytes, label: Label, *, wrapped_key: bytes) -> bytes:
        """The text again.

        Raises:
            Misconfigured: it was sealed under another label, account or secret key, or was altered.
        """
        return _decrypt(self._unwrap(wrapped_key, label.account_id), sealed, label.to_bytes())

    def fingerprint(self, purpose: str, content: bytes) -> bytes:
        """32 bytes that stand for the content: equal for equal content, useless without the secret key."""
        key = hmac.new(self._kek, b"fingerprint:" + purpose.encode(), hashlib.sha256).digest()
        return hmac.new(key, content, hashlib.sha256).digest()

    def _unwrap(self, wrapped_key: bytes, account_id: UUID) -> bytes:
        return _decrypt(self._kek, wrapped_key, _wrapping(account_id))


def load_secret_key(settings: Settings) -> bytes:
    """The installation's 32-byte key: from the settings, else from `secret.key` in the home, made once.

    Raises:
        Misconfigured: the key cannot be used, or others may read its file; the message says what to do.
    """
    if settings.secret_key:
        return _parse(settings.secret_key, "SPADEWORK_SECRET_KEY")
    path = settings.home / "secret.key"
    if not path.exists():
        _create(path)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise Misconfigured(f"Others may read {path}. Run `chmod 600 {path}`.")
    return _parse(path.read_text().strip(), str(path))


def _create(path: Path) -> None:
    """Write a new key file whole or not at all; of several processes at once the first one's key stays."""
    # Root's database server runs as another user, who must be able to pass through the home.
    path.parent.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".secret.key.")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # Losing this file to a power cut would make every stored credential unreadable.
        os.fsync(folder)
    finally:
        os.close(folder)


def _parse(text: str, where: str) -> bytes:
    for decode in (bytes.fromhex, _from_base64):
        with contextlib.suppress(ValueError, binascii.Error):
            key = decode(text)
            if len(key) == KEY_BYTES:
                return key
    raise Misconfigured(
        f"{where} holds no key of {KEY_BYTES} bytes in hexadecimal or base64. Make one with `openssl rand -hex 32`."
    )


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)


def _wrapping(account_id: UUID) -> bytes:
    return orjson.dumps([str(account_id), "account key"])


def _encrypt(key: bytes, text: bytes, context: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _FORMAT + nonce + AESGCM(key).encrypt(nonce, text, context)


def _decrypt(key: bytes, sealed: bytes, context: bytes) -> bytes:
    start = len(_FORMAT)
    try:
        if sealed[:start] != _FORMAT or len(sealed) < start + _NONCE_BYTES:
            raise InvalidTag
        return AESGCM(key).decrypt(sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :], context)
    except InvalidTag as error:
        raise Misconfigured(
            "A stored secret cannot be opened: it was sealed with another SPADEWORK_SECRET_KEY, or belongs elsewhere. "
            "Restore the key, or enter the secret again."
        ) from error
