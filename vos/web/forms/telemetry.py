"""The form that brings measurements: one file."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from valuefabric.domain.evidence import DEFAULT_LIMITS

ACCEPT = ".csv,.json,.xlsx"
LIMIT = f"{DEFAULT_LIMITS.file_bytes // 1_000_000} MB"


class TelemetryForm(forms.Form):
    """A table of measurements; what is wrong inside it is the service's to say."""

    file = forms.FileField(required=False, max_length=255)

    def clean(self) -> dict[str, Any]:
        """There is a file, and it is not too large to be read."""
        data: dict[str, Any] = super().clean() or {}
        file: UploadedFile | None = data.get("file")
        if file is None:
            raise forms.ValidationError(_("Choose a file with at least one measurement. Nothing was stored."))
        if (file.size or 0) > DEFAULT_LIMITS.file_bytes:
            raise forms.ValidationError(
                _("The file is larger than %(limit)s. Split it by time. Nothing was stored.") % {"limit": LIMIT}
            )
        return data

    @property
    def document(self) -> tuple[str, bytes]:
        """File name and content, of a valid form."""
        file: UploadedFile = self.cleaned_data["file"]
        return file.name or "telemetry.csv", file.read()
