"""The practice server gives the answers that were recorded from a real one."""

from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from .chains import CHAINS
from .recordings import HOST, Exchange, Recording, reason_left_out
from .replaying import Replay
from .scenes import SCENES, Scene

# Left out of the comparison of values (the keys must still be there), and why.
VOLATILE = {
    # clocks, and what only the real installation can know
    "server_time", "date_joined", "gravatar", "uid", "name", "hash", "token", "extra_details__uid",
    "extra_details", "last_login", "organization",
}  # fmt: skip
NOT_EMULATED = {
    # for KoboToolbox's own pages: kept empty
    "report_styles", "advanced_features", "deployment__links", "deployment__data_download_links",
    "assignable_permissions", "permissions", "last_modified_by", "export_settings",
    # moves with sharing, archiving and renaming, which are not events here
    "date_modified", "date_deployed",
    # only the parts that follow from the content, see SUMMARY
    "summary",
}  # fmt: skip
SUMMARY = ("row_count", "languages", "default_translation", "geo")
ASSET_KEYS = {"deployment_status", "asset_type", "has_deployment"}


@pytest.fixture(scope="module")
def recording(shared_root: Path) -> Recording:
    root = shared_root / "reference" / "kobo" / "recorded"
    if not root.is_dir():
        pytest.skip("the recordings are not on this machine")
    return Recording(root)


@pytest.fixture(scope="module")
def chained(recording: Recording) -> set[str]:
    """The exchanges that are replayed in chains."""
    return {each.name for chain in CHAINS for each in chain.members(recording)}


def comparable(value: Any, base: str, *, inside: str = "") -> Any:
    """Bring an answer into a form in which two servers' answers are equal."""
    if isinstance(value, dict):
        is_asset = value.keys() >= ASSET_KEYS
        hidden = NOT_EMULATED if is_asset else set()
        if "server_time" in value or set(value) in ({"hash"}, {"token"}):
            hidden = VOLATILE
        told = {
            key: "…" if key in hidden else comparable(item, base, inside=key)
            for key, item in value.items()
            if key != "_trimmed"
        }
        if is_asset and "content" in value:
            told["summary"] = [value["summary"].get(key) for key in SUMMARY]
        return told
    if isinstance(value, list):
        told = [comparable(item, base) for item in value]
        return sorted(map(str, told)) if inside == "effective_permissions" else told
    if isinstance(value, str) and value.startswith((HOST, base)):
        parts = urlsplit(value.replace(HOST, base, 1))
        return parts.path, sorted(parse_qsl(parts.query, keep_blank_values=True))
    return value


def differences(exchange: Exchange, answer: httpx.Response, base: str) -> list[str]:
    """Name what differs, as sentences."""
    found = []
    if answer.status_code != exchange.status:
        found.append(f"status {answer.status_code}, recorded {exchange.status}")
    kind, recorded_kind = (
        text.partition(";")[0]
        for text in (answer.headers.get("content-type", ""), exchange.content_type)
    )
    if exchange.status != 301 and kind != recorded_kind:
        found.append(f"type {kind}, recorded {recorded_kind}")
    if found or exchange.method == "HEAD":
        return found
    if exchange.json is None:
        same = answer.text == exchange.text
        return [] if same else [f"text {answer.text[:80]!r}, recorded {exchange.text[:80]!r}"]
    got, wanted = comparable(answer.json(), base), comparable(exchange.json, base)
    if isinstance(exchange.json, dict) and "_trimmed" in exchange.json:
        if len(got["results"]) != exchange.json["_trimmed"]["rows_in_answer"]:
            found.append(f"{len(got['results'])} rows")
        got["results"] = got["results"][:3] + got["results"][-2:]
    return found + list(_unlike(got, wanted))


def _unlike(got: Any, wanted: Any, where: str = "") -> list[str]:
    if isinstance(got, dict) and isinstance(wanted, dict):
        found = [f"{where} lacks {key}" for key in wanted.keys() - got.keys()]
        found += [f"{where} has {key} besides" for key in got.keys() - wanted.keys()]
        for key in wanted.keys() & got.keys():
            found += _unlike(got[key], wanted[key], f"{where}/{key}")
        return found
    if isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        return [
            each
            for index, pair in enumerate(zip(got, wanted, strict=True))
            for each in _unlike(*pair, f"{where}[{index}]")
        ]
    return [] if got == wanted else [f"{where}: {str(got)[:120]}, recorded {str(wanted)[:120]}"]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"{scene.folder} {scene.name}")
def test_answers_are_those_of_a_real_server(
    scene: Scene, recording: Recording, chained: set[str]
) -> None:
    wrong = {}
    with scene.build(recording) as server, httpx.Client(base_url=server.url) as http:
        replay = Replay(server.url)
        for exchange in scene.members(recording):
            if reason_left_out(exchange) or exchange.name in chained or changes(exchange):
                continue
            answer = replay.send(http, exchange)
            if exchange.sent or "/permission" in exchange.path:
                found = replay.differences(exchange, answer)
            else:
                found = differences(exchange, answer, server.url)
            if found:
                wrong[exchange.name] = found
    assert not wrong, "\n".join(f"{name}: {found[:4]}" for name, found in wrong.items())


def changes(exchange: Exchange) -> bool:
    """Tell whether an exchange changed something: such belong to chains."""
    return exchange.method not in {"GET", "HEAD", "OPTIONS"} and exchange.status < 400


def test_every_recorded_exchange_is_replayed_or_left_out_for_a_named_reason(
    recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {each.name for chain in CHAINS for each in chain.members(recording)}
    told |= {
        each.name for scene in SCENES for each in scene.members(recording) if not changes(each)
    }
    counted: Counter[str] = Counter()
    for name, exchange in recording.exchanges.items():
        reason = reason_left_out(exchange)
        counted[reason or ("replayed" if name in told else "its moment is not rebuilt")] += 1
    with capsys.disabled():
        print("", *(f"{count:4d} {reason}" for reason, count in counted.most_common()), sep="\n")
    assert counted["replayed"] >= 902
    assert counted["its moment is not rebuilt"] <= 26
