"""Capability tokens as biscuits, without a database: mint, narrow, check.

The first block, signed by the root key, grants: a tenant, a subject, rights, limits, an end. Every later block can only add
checks, which all must hold; facts that a later block states are not seen by the policies that allow. That is what makes a
token handed on narrower and never wider. All values enter the Datalog as parameters, never as text.
Format: https://doc.biscuitsec.org/reference/specifications (version 3).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from biscuit_auth import (
    Algorithm,
    AuthorizationError,
    AuthorizerBuilder,
    Biscuit,
    BiscuitBuilder,
    BiscuitValidationError,
    BlockBuilder,
    DataLogError,
    KeyPair,
    PrivateKey,
    Rule,
)


class Limit(StrEnum):
    """The amounts a token can bound; whoever checks a token states what would have been used, including this time."""

    CALLS = "calls"
    STEPS = "steps"
    TOKENS = "tokens"
    SECONDS = "seconds"
    CENTS = "cents"


@dataclass(frozen=True)
class Right:
    """One action on one resource; a resource that ends in ``*`` means all that begin so."""

    action: str
    resource: str

    @property
    def prefix(self) -> str | None:
        """The beginning that matching resources share, or None for exactly one resource."""
        return self.resource.removesuffix("*") if self.resource.endswith("*") else None


@dataclass(frozen=True)
class Grant:
    """What a token that passed said: whose it is, and the ids by which it can be revoked (its own last)."""

    subject: str
    revocation_ids: tuple[str, ...]


@dataclass(frozen=True)
class Use:
    """What somebody wants to do with a token, where and when."""

    tenant: str
    action: str
    resource: str
    at: datetime
    amounts: Mapping[Limit, int] = field(default_factory=dict)


class CapabilityRefused(PermissionError):
    """The token does not allow it; ask whoever handed it over for one that does."""


LONGEST_CHECK = timedelta(seconds=2)

_ALLOW = """
allow if tenant($t), action($a), resource($r), right($a, $r);
allow if tenant($t), action($a), resource($r), right_prefix($a, $p), $r.starts_with($p);
"""


def root_key(secret: str) -> KeyPair:
    """The root key pair from the configured secret; any text will do, its SHA-256 is the Ed25519 seed."""
    seed = hashlib.sha256(b"vos.capability.root\0" + secret.encode()).digest()
    ed25519: Any = Algorithm.Ed25519  # type: ignore[attr-defined]  # its stubs know neither the name nor the argument
    return KeyPair.from_private_key(PrivateKey.from_bytes(seed, ed25519))  # type: ignore[call-arg]


def mint_token(
    key: KeyPair, *, tenant: str, subject: str, rights: Sequence[Right], limits: Mapping[Limit, int], expires_at: datetime
) -> str:
    """A new token of ``subject`` with ``rights`` in ``tenant``. Without a right it would allow nothing: ValueError."""
    if not rights:
        raise ValueError("A capability needs at least one right.")
    builder = BiscuitBuilder("subject({subject}); check if tenant({tenant});", {"subject": subject, "tenant": tenant})
    for right in rights:
        if right.prefix is None:
            builder.add_code("right({action}, {resource});", {"action": right.action, "resource": right.resource})
        else:
            builder.add_code("right_prefix({action}, {prefix});", {"action": right.action, "prefix": right.prefix})
    builder.merge(_checks(rights=None, limits=limits, expires_at=expires_at))
    return str(builder.build(key.private_key).to_base64())


def narrow_token(
    key: KeyPair,
    token: str,
    *,
    rights: Sequence[Right] | None = None,
    limits: Mapping[Limit, int] | None = None,
    expires_at: datetime | None = None,
    holder: str = "",
) -> str:
    """``token`` with further checks: only what it allowed before *and* what is given here. Nothing given leaves it as wide.

    ``holder`` names who receives it. Asking for a right or a time that the token does not have gives no more of either.
    """
    block = _checks(rights=rights, limits=limits or {}, expires_at=expires_at)
    if holder:
        block.add_code("holder({holder});", {"holder": holder})
    return str(_read(key, token).append(block).to_base64())


def check_token(key: KeyPair, token: str, use: Use) -> Grant:
    """The grant, if ``token`` allows ``use``; raises CapabilityRefused otherwise."""
    biscuit = _read(key, token)
    facts = {"tenant": use.tenant, "action": use.action, "resource": use.resource, "now": use.at}
    builder = AuthorizerBuilder("tenant({tenant}); action({action}); resource({resource}); time({now});", facts)
    for limit in Limit:
        # Every limit is stated, so that a check on one that nobody counts refuses instead of passing.
        amount = {"name": limit.value, "amount": use.amounts.get(limit, 0)}
        builder.add_code("amount({name}, {amount});", amount)
    builder.add_code(_ALLOW)
    _allow_time(builder)
    try:
        authorizer = builder.build(biscuit)
        authorizer.authorize()
        subject = str(authorizer.query(Rule("name($s) <- subject($s)"))[0].terms[0])
    except (AuthorizationError, IndexError) as error:
        raise CapabilityRefused(f"The token does not allow {use.action} on {use.resource}: {_reason(error)}") from error
    return Grant(subject, tuple(biscuit.revocation_ids))


def token_ids(key: KeyPair, token: str) -> tuple[str, ...]:
    """The revocation ids of a token's blocks, its own last. Revoking an earlier one revokes all that derive from it."""
    return tuple(_read(key, token).revocation_ids)


def token_subject(key: KeyPair, token: str) -> str:
    """Whose token it is, without checking whether it allows anything."""
    authorizer = AuthorizerBuilder("").build(_read(key, token))
    return str(authorizer.query(Rule("name($s) <- subject($s)"))[0].terms[0])


def _allow_time(builder: Any) -> None:
    # The library's limit is a millisecond of wall time, which a busy machine spends while the thread is not even running; what
    # bounds a hostile token is the number of facts and rounds, and these stay.
    limits = builder.limits()
    limits.max_time = LONGEST_CHECK
    builder.set_limits(limits)


def _read(key: KeyPair, token: str) -> Any:
    try:
        return Biscuit.from_base64(token, key.public_key)
    except (BiscuitValidationError, ValueError, DataLogError) as error:
        raise CapabilityRefused("This is not a token of this installation, or it was changed on the way.") from error


def _checks(*, rights: Sequence[Right] | None, limits: Mapping[Limit, int], expires_at: datetime | None) -> Any:
    block = BlockBuilder("")
    if rights is not None:
        block.add_code(*_rights_check(rights))
    for limit, most in limits.items():
        values = {"name": Limit(limit).value, "most": most}
        block.add_code("check if amount({name}, $used), $used <= {most};", values)
    if expires_at is not None:
        block.add_code("check if time($now), $now < {end};", {"end": expires_at})
    return block


def _rights_check(rights: Sequence[Right]) -> tuple[str, dict[str, str]]:
    """One check that holds for any of ``rights``; for none at all it never holds."""
    if not rights:
        return "check if false;", {}
    clauses: list[str] = []
    values: dict[str, str] = {}
    for number, right in enumerate(rights):
        values |= {f"a{number}": right.action, f"r{number}": right.resource if right.prefix is None else right.prefix}
        matches = f"resource({{r{number}}})" if right.prefix is None else f"resource($r), $r.starts_with({{r{number}}})"
        clauses.append(f"action({{a{number}}}), {matches}")
    return f"check if {' or '.join(clauses)};", values


def _reason(error: Exception) -> str:
    # The library's text lists failed checks; it holds no key, but may be long.
    return " ".join(str(error).split())[:300] or "it has expired, is narrower than that, or is another tenant's"
