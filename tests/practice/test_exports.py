"""Exports of the practice server equal those of a real server, cell by cell."""

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from meal_pipeline.practice.export_files import csv_file, workbook
from meal_pipeline.practice.exporting import Options, sheets

from .chains import approved
from .recorded_rows import rows_last, rows_special
from .recordings import Recording
from .scenes import HOUSEHOLD, household

EN, AR = "English (en)", "Arabic (ar)"
WHOLE = Options(hierarchy=True)
CSV = {
    "csv-xml-names": WHOLE,
    "csv-labels-en": Options(lang=EN, hierarchy=True),
    "csv-labels-ar-nohier-nogroup": Options(lang=AR, group_sep=""),
    "csv-default-lang": Options(lang="", hierarchy=True, multiple="summary"),
    "csv-details-only": Options(hierarchy=True, multiple="details"),
    "csv-last-version-only": Options(hierarchy=True, all_versions=False),
    "csv-media-url": Options(hierarchy=True, media_urls=True),
    "csv-fields-subset": Options(
        hierarchy=True, fields=("demo/governorate", "_id", "_uuid", "meta/rootUuid")
    ),
    "csv-query": WHOLE,
    "csv-submission-ids": WHOLE,
    "csv-by-partial-user": Options(multiple="summary"),
    "sync": Options(media_urls=True, as_text=False),
}
XLSX = {
    "xlsx-xml-names": WHOLE,
    "xlsx-xml-names-no-hier": Options(),
    "xlsx-labels-en": Options(lang=EN, group_sep=""),
    "xlsx-labels-ar": Options(lang=AR, group_sep=" / ", hierarchy=True, multiple="summary"),
    "xlsx-types-as-text-off": Options(hierarchy=True, as_text=False),
    "xlsx-last-version": Options(hierarchy=True, all_versions=False),
    "sync": Options(media_urls=True, as_text=False),
}


@pytest.fixture
def recording(shared: Path) -> Recording:
    return Recording(shared / "reference" / "kobo" / "recorded")


@pytest.fixture
def exports(shared: Path) -> Path:
    return shared / "reference" / "kobo" / "recorded" / "exports"


def rows(recording: Recording, ids: list[int]) -> list[dict[str, Any]]:
    """The rows of these ids as they were when the exports were made."""
    known = {row["_id"]: row for row in rows_special(recording)}
    known |= {row["_id"]: row for row in rows_last(recording)}
    known |= {row["_id"]: row for row in approved(recording)}
    chosen = []
    for each in ids:
        row = dict(known[each])
        base = f"http://127.0.0.1:58080/api/v2/assets/{HOUSEHOLD}/data/{each}/attachments/"
        row["_attachments"] = [
            file | {"download_url": f"{base}{file['uid']}/"} for file in row["_attachments"]
        ]
        chosen.append(row)
    return chosen


def layout(recording: Recording, options: Options) -> Any:
    form = household(recording, [])
    contents = {version.uid: version.content for version in reversed(form.versions)}
    return sheets(contents if options.all_versions else dict([next(iter(contents.items()))]))


@pytest.mark.parametrize("name", CSV)
def test_a_csv_file_is_that_of_a_real_server(
    name: str, recording: Recording, exports: Path
) -> None:
    recorded = exports.joinpath(f"{name}.csv").read_bytes()
    table = list(csv.reader(io.StringIO(recorded.decode()), delimiter=";"))
    # A defect of the recorded server: a stray last cell under no header.
    strays = name == "csv-details-only"
    table = [line[: len(table[0])] for line in table]
    place = table[0].index("_id")
    ids = [int(line[place]) for line in table[1:]]
    form, *_ = layout(recording, CSV[name])
    made = csv_file(rows(recording, ids), form, CSV[name])
    ours = list(csv.reader(io.StringIO(made.decode()), delimiter=";"))
    assert ours[0] == table[0]
    for line, theirs in zip(ours[1:], table[1:], strict=True):
        different = {
            title: (mine, other)
            for title, mine, other in zip(table[0], line, theirs, strict=True)
            if mine != other
        }
        assert different == {}, line[place]
    assert strays or made == recorded


@pytest.mark.parametrize("name", XLSX)
def test_a_workbook_has_the_cells_of_a_real_one(
    name: str, recording: Recording, exports: Path
) -> None:
    recorded = openpyxl.load_workbook(exports / f"{name}.xlsx")
    (head, *lines) = recorded.worksheets[0].iter_rows(values_only=True)
    ids = [line[head.index("_id")] for line in lines]
    found = layout(recording, XLSX[name])
    title = "Household needs 2026 / احتياجات الأسر"
    made = workbook(rows(recording, ids), found, title, XLSX[name])
    ours = openpyxl.load_workbook(io.BytesIO(made))
    assert ours.sheetnames == recorded.sheetnames
    for sheet, theirs in zip(ours.worksheets, recorded.worksheets, strict=True):
        mine, other = (list(each.iter_rows(values_only=True)) for each in (sheet, theirs))
        assert mine[0] == other[0]
        assert mine == other
