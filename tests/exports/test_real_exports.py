"""Exports that a real server made, against the rows that its API gave."""

from pathlib import Path
from typing import Any

import pytest

from .conftest import API, Office
from .recorded import FORM, rows, versions

WHOLE = ["xlsx-xml-names.xlsx", "xlsx-xml-names-no-hier.xlsx"]
CARRIED = {
    ("attachments", "photo"),
    ("attachments", "doc"),
    ("versions", "vNoSuchVersionNoSuch"),  # a row was sent with it; the server has no such version
}


@pytest.fixture
def real(office: Office, shared: Path) -> Office:
    office.uid = FORM
    office.write_json("versions.json", versions(shared / "reference/kobo/recorded"))
    return office


def exported(shared: Path, name: str) -> Path:
    return shared / "reference/kobo/recorded/exports" / name


def as_pulled(office: Office, shared: Path) -> None:
    """Log the API's rows that the export has, without what no export has: files' descriptions.

    Statuses were set between the two recordings. An answer that a bulk edit put where another
    version has the question (row 10) is in no export of the server.
    """
    found = rows(shared / "reference/kobo/recorded")
    del found[10]["needs/shelter/tenure"]
    statuses = {one: row["_validation_status"] for one, row in office.rows().items()}
    there = [
        found[one] | {"_validation_status": statuses[one], "_attachments": []} for one in statuses
    ]
    deployed = [
        (one["uid"], one["content"], one["date_deployed"])
        for one in versions(shared / "reference/kobo/recorded")
    ]
    office.received(there, deployed)


@pytest.mark.parametrize("name", WHOLE)
def test_an_export_with_names_and_texts_gives_the_frames_of_the_api(
    real: Office, shared: Path, name: str
) -> None:
    real.copy(exported(shared, name))
    imported = real.imported()
    as_pulled(real, shared)
    assert real.hashes("folder:files") == real.hashes(API)
    assert real.lacks(imported) == CARRIED


@pytest.mark.parametrize("language", ["en", "ar"])
def test_labels_are_brought_back_to_codes(real: Office, shared: Path, language: str) -> None:
    real.copy(exported(shared, f"xlsx-labels-{language}.xlsx"))
    imported = real.imported()
    as_pulled(real, shared)
    from_labels, from_api = real.frames("folder:files"), real.frames(API)
    assert from_labels.keys() == from_api.keys()
    for name, frame in from_api.items():
        same = frame.drop(columns="governorate", errors="ignore")
        assert from_labels[name][same.columns].equals(same)
    # One row has a governorate that no version lists; its text is no label.
    assert real.lacks(imported) - CARRIED == {("codes", "governorate")}
    governorates = from_labels["hh"]["governorate"], from_api["hh"]["governorate"]
    assert (governorates[0].isna() & governorates[1].notna()).sum() == 1


def test_types_of_excel_lose_the_offset_and_nothing_else(real: Office, shared: Path) -> None:
    real.copy(exported(shared, "xlsx-types-as-text-off.xlsx"))
    imported = real.imported()
    as_pulled(real, shared)
    typed, api = real.frames("folder:files"), real.frames(API)
    moments = [name for name in api["hh"] if name.partition("/")[0] in ("start", "end")]
    moments += ["interview_time", "interview_time/offset_minutes"]
    same = api["hh"].drop(columns=moments)
    assert typed["hh"][same.columns].equals(same)
    lost = {about for kind, about in imported.lacks.counted if kind == "offsets"}
    assert lost == {"start", "end", "interview_time"}


CSV_LACKS: dict[str, set[str]] = {
    "csv-xml-names.csv": set(),
    "csv-labels-en.csv": {"codes"},
    "csv-labels-ar-nohier-nogroup.csv": {"codes"},
    "csv-details-only.csv": {"order", "beyond"},
    "csv-default-lang.csv": set(),
    "csv-media-url.csv": set(),
    "csv-last-version-only.csv": {"missing", "newest_only"},
    "sync.csv": set(),
}


@pytest.mark.parametrize("name", CSV_LACKS)
def test_a_csv_is_read_and_says_what_it_lacks(real: Office, shared: Path, name: str) -> None:
    real.copy(exported(shared, name))
    imported = real.imported()
    api = rows(shared / "reference/kobo/recorded")
    here: dict[int, dict[str, Any]] = real.rows()
    assert len(here) >= 37
    for one, row in here.items():
        assert row["_uuid"] == api[one]["_uuid"]
        assert row.get("enumerator") == api[one].get("enumerator")
        assert row.get("needs/water_src") == api[one].get("needs/water_src")
    kinds = {kind for kind, _about in imported.lacks.counted} - {"versions"}
    assert kinds == {"repeats", "attachments"} | CSV_LACKS[name]


def test_all_exports_of_a_form_together_hold_each_submission_once(
    real: Office, shared: Path
) -> None:
    folder = shared / "reference/kobo/recorded/exports"
    real.copy(*folder.glob("*.xlsx"), *folder.glob("*.csv"))
    imported = real.imported()
    assert imported.rows_in_files == imported.rows_held == 39  # one was deleted between two exports
    assert ("contradiction", "") not in imported.lacks.counted


def test_what_the_server_offers_as_xls_is_read_as_the_form(real: Office, shared: Path) -> None:
    (real.files / "versions.json").unlink()
    real.copy(exported(shared, "form-A-definition.xls"), exported(shared, WHOLE[0]))
    real.uid = "form-A-definition"
    imported = real.imported()
    assert imported.rows_in_files == 38
    # It was downloaded before the last redeploy added a remark, and names its labels' row.
    assert real.lacks(imported) >= {("unknown", "needs/shelter/remark"), ("missing", "sat_header")}
