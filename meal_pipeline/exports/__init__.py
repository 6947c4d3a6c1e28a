"""Files instead of a server: exports and JSON dumps, turned back into submissions.

Here: what the files of a folder are, XLSForms, headings, cells, what an export cannot tell, and the
import into the log of submissions. Not here: KoboToolbox's API (`kobo`, `collect`), and what the
answers mean (`read`).
"""

from meal_pipeline.exports.bodies import Export, KnownForm, bodies_of, open_export
from meal_pipeline.exports.carrying import Lacks, cannot_carry, sentence_of
from meal_pipeline.exports.import_folder import (
    ImportedForm,
    Survey,
    import_folder,
    survey_folder,
)
from meal_pipeline.exports.problems import ImportFailed, Remark, UnreadableFile
from meal_pipeline.exports.sources import FormSource, SourceFile, Sources, find_sources

__all__ = [
    "Export",
    "FormSource",
    "ImportFailed",
    "ImportedForm",
    "KnownForm",
    "Lacks",
    "Remark",
    "SourceFile",
    "Sources",
    "Survey",
    "UnreadableFile",
    "bodies_of",
    "cannot_carry",
    "find_sources",
    "import_folder",
    "open_export",
    "sentence_of",
    "survey_folder",
]
