"""Names that KoboToolbox itself puts into a submission.

Here: the keys beside the answers, and the sets of them that are useful to ask for. Not here: the
names of questions, which belong to a form.
"""

ID = "_id"
UUID = "_uuid"
ROOT_UUID = "meta/rootUuid"
INSTANCE_ID = "meta/instanceID"
DEPRECATED_ID = "meta/deprecatedID"
FORM_UUID = "formhub/uuid"
FORM_ID = "_xform_id_string"
VERSION = "__version__"
SUBMISSION_TIME = "_submission_time"
SUBMITTED_BY = "_submitted_by"
VALIDATION_STATUS = "_validation_status"
GEOLOCATION = "_geolocation"
ATTACHMENTS = "_attachments"
STATUS = "_status"
DATE_MODIFIED = "_date_modified"  # on servers that tell it

META = frozenset(
    {
        ID,
        UUID,
        ROOT_UUID,
        INSTANCE_ID,
        DEPRECATED_ID,
        FORM_UUID,
        FORM_ID,
        VERSION,
        SUBMISSION_TIME,
        SUBMITTED_BY,
        VALIDATION_STATUS,
        GEOLOCATION,
        ATTACHMENTS,
        STATUS,
    }
)
"""Every key of a row that is not an answer; older rows also carry `_tags` and `_notes`."""

SCAN = (ID, UUID, VALIDATION_STATUS)
"""What shows in the smallest answer that a row is new, edited or validated."""

SCANNED = frozenset({ID, UUID, ROOT_UUID, VALIDATION_STATUS, ATTACHMENTS})
"""All that a scan may bring; a whole submission always has more."""
