from datetime import UTC, datetime, timedelta

import pytest
from biscuit_auth import Biscuit, BlockBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.capabilities.tokens import (
    CapabilityRefused,
    Limit,
    Right,
    Use,
    check_token,
    mint_token,
    narrow_token,
    root_key,
    token_ids,
    token_subject,
)

KEY = root_key("test")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
READ, WRITE = Right("evidence.read", "evidence:*"), Right("model.write", "model:7")


def use(action: str = "evidence.read", resource: str = "evidence:1", **changes: object) -> Use:
    return Use(**{"tenant": "acme", "action": action, "resource": resource, "at": NOW, **changes})  # type: ignore[arg-type]


def minted(**changes: object) -> str:
    values = {
        "tenant": "acme",
        "subject": "agent:target@1.0.0",
        "rights": [READ, WRITE],
        "limits": {Limit.TOKENS: 1000},
        "expires_at": NOW + timedelta(hours=1),
    }
    return mint_token(KEY, **(values | changes))  # type: ignore[arg-type]


def refused(token: str, wanted: Use) -> bool:
    try:
        check_token(KEY, token, wanted)
    except CapabilityRefused:
        return True
    return False


def test_token_allows_its_rights_and_names_its_subject() -> None:
    token = minted()
    assert check_token(KEY, token, use()).subject == "agent:target@1.0.0"
    assert check_token(KEY, token, use("model.write", "model:7")).revocation_ids == token_ids(KEY, token)
    assert token_subject(KEY, token) == "agent:target@1.0.0"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("evidence.delete", "evidence:1"),
        ("model.write", "model:70"),
        ("model.write", "model:8"),
        ("evidence.read", "model:7"),
        ("model.write", "evidence:1"),
        ("evidence.*", "evidence:1"),
        ("", ""),
    ],
)
def test_promise_7_a_token_allows_nothing_else(action: str, resource: str) -> None:
    with pytest.raises(CapabilityRefused):
        check_token(KEY, minted(), use(action, resource))


def test_token_ends_at_its_time() -> None:
    token = minted()
    assert not refused(token, use(at=NOW + timedelta(minutes=59)))
    assert refused(token, use(at=NOW + timedelta(hours=1)))


def test_token_limits_amounts_up_to_and_including_the_limit() -> None:
    token = minted()
    assert not refused(token, use(amounts={Limit.TOKENS: 1000}))
    assert refused(token, use(amounts={Limit.TOKENS: 1001}))


def test_another_tenants_token_is_refused() -> None:
    assert refused(minted(), use(tenant="globex"))


def test_token_of_another_root_key_is_refused() -> None:
    other = mint_token(
        root_key("other"), tenant="acme", subject="x", rights=[READ], limits={}, expires_at=NOW + timedelta(hours=1)
    )
    assert refused(other, use())


@pytest.mark.parametrize("garbage", ["", "x", "é", "A" * 10_000, "En0KEwoEcm9vdA=="])
def test_garbage_is_refused_and_not_an_error_of_another_kind(garbage: str) -> None:
    assert refused(garbage, use())


def test_token_without_rights_cannot_be_minted() -> None:
    with pytest.raises(ValueError, match="at least one right"):
        minted(rights=[])


def test_narrowing_keeps_what_is_given_and_drops_the_rest() -> None:
    narrow = narrow_token(KEY, minted(), rights=[Right("evidence.read", "evidence:1")], holder="agent:integrity@1.0.0")
    assert not refused(narrow, use())
    assert refused(narrow, use(resource="evidence:2"))
    assert refused(narrow, use("model.write", "model:7"))


def test_narrowing_to_no_rights_allows_nothing() -> None:
    assert refused(narrow_token(KEY, minted(), rights=[]), use())


def test_promise_7_widening_rights_by_narrowing_fails() -> None:
    wide = narrow_token(KEY, minted(), rights=[Right("evidence.delete", "*"), Right("model.write", "*")])
    assert refused(wide, use("evidence.delete", "evidence:1"))
    assert refused(wide, use("model.write", "model:8"))
    assert not refused(wide, use("model.write", "model:7"))


def test_promise_7_widening_time_and_limits_by_narrowing_fails() -> None:
    wide = narrow_token(KEY, minted(), limits={Limit.TOKENS: 10**9}, expires_at=NOW + timedelta(days=365))
    assert refused(wide, use(at=NOW + timedelta(hours=2)))
    assert refused(wide, use(amounts={Limit.TOKENS: 1001}))


@pytest.mark.parametrize(
    "attack",
    [
        'right("evidence.delete", "evidence:1");',
        'right_prefix("evidence.delete", "");',
        "right($a, $r) <- action($a), resource($r);",
        'tenant("globex"); right("evidence.delete", "evidence:1"); action("evidence.read");',
    ],
)
def test_promise_7_facts_and_rules_forged_in_an_added_block_are_not_believed(attack: str) -> None:
    forged = Biscuit.from_base64(minted(), KEY.public_key).append(BlockBuilder(attack)).to_base64()
    assert refused(forged, use("evidence.delete", "evidence:1"))


def test_promise_7_forged_amounts_and_times_do_not_loosen_limits() -> None:
    block = BlockBuilder('amount("tokens", 0); time(2026-11-21T12:00:00Z);')
    forged = Biscuit.from_base64(minted(), KEY.public_key).append(block).to_base64()
    assert refused(forged, use(amounts={Limit.TOKENS: 1001}))
    assert refused(forged, use(at=NOW + timedelta(hours=2)))


def test_datalog_in_a_value_stays_a_value() -> None:
    attack = 'x"); right("evidence.delete", "evidence:1'
    token = minted(subject=attack, rights=[Right(attack, attack)])
    assert refused(token, use("evidence.delete", "evidence:1"))
    assert token_subject(KEY, token) == attack
    assert refused(minted(), use('x"); allow if true; //', "evidence:1"))


def test_a_token_that_was_cut_or_changed_is_refused() -> None:
    token = narrow_token(KEY, minted(), rights=[])
    changed = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]
    assert refused(token[:-20], use())
    assert refused(changed, use())


def test_revocation_ids_grow_with_each_hand_over() -> None:
    token = minted()
    child = narrow_token(KEY, token, holder="agent:a@1")
    assert token_ids(KEY, child)[:1] == token_ids(KEY, token)
    assert len(token_ids(KEY, child)) == 2


_names = st.sampled_from(["evidence:", "evidence:1", "evidence:12", "model:7", "model:", "*"])
_rights = st.builds(Right, st.sampled_from(["evidence.read", "model.write"]), _names | _names.map(lambda n: f"{n}*"))


@settings(max_examples=40, deadline=None)
@given(st.lists(_rights, min_size=1, max_size=3), st.lists(_rights, max_size=3), _rights)
def test_promise_7_what_a_narrowed_token_allows_its_parent_allows(first: list[Right], second: list[Right], wanted: Right) -> None:
    parent = minted(rights=first)
    child = narrow_token(KEY, parent, rights=second)
    if not refused(child, use(wanted.action, wanted.resource)):
        assert not refused(parent, use(wanted.action, wanted.resource))
