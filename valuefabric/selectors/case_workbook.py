"""The workbook of a case's version or of a model's, for a reader: what was exported, or the same made anew; nothing is stored."""

from kernel.storage.services import BlobCorrupted, BlobMissing, blob_get
from valuefabric.exports.workbook import workbook
from valuefabric.models import CaseVersion, Export, ModelVersion
from valuefabric.selectors.conservative_gate import exemptions_told
from valuefabric.selectors.documents import computation_of, document_of


def case_workbook(version: CaseVersion) -> bytes:
    """The exported workbook of this content, if there is one; else made from the version as the export would be."""
    export = Export.objects.filter(case=version.case_id, kind="workbook", content_hash=version.content_hash).first()
    if export is not None:
        try:
            return blob_get(export.blob)
        except (BlobMissing, BlobCorrupted):
            # The same content can be made again, so a lost file is no reason to refuse.
            return case_workbook_made(version)
    return case_workbook_made(version)


def model_workbook(version: ModelVersion) -> bytes:
    """The workbook of a model's version."""
    return workbook(document_of(version), computation_of(version), created_at=version.saved_at)


def case_workbook_made(version: CaseVersion) -> bytes:
    """The workbook of a case's version, with what its review let pass by exemption under the notes."""
    model = version.model_version
    remarks = exemptions_told(version.case, version.content_hash)
    return workbook(document_of(model), computation_of(model), created_at=version.created_at, remarks=remarks)
