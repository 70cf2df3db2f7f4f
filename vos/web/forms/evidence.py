"""The form that brings evidence: a file, or pasted text with a name."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from valuefabric.domain.evidence import DEFAULT_LIMITS
from vos.web.presenters.evidence import SENSITIVITIES

ACCEPT = ".txt,.md,.json,.csv,.xlsx"
LIMIT = f"{DEFAULT_LIMITS.file_bytes // 1_000_000} MB"


class EvidenceForm(forms.Form):
    """One of the two. The type is decided by content and not by name; that is the reader's work."""

    file = forms.FileField(label=_("A file"), required=False, max_length=255, widget=forms.ClearableFileInput({"accept": ACCEPT}))
    title = forms.CharField(
        label=_("Or a name for pasted text"),
        required=False,
        max_length=150,
        widget=forms.TextInput({"class": "input", "autocomplete": "off", "placeholder": _("Discovery call, 12 May")}),
    )
    text = forms.CharField(
        label=_("The text"),
        required=False,
        strip=False,
        max_length=1_000_000,
        widget=forms.Textarea({"class": "input", "rows": 10}),
    )

    # A choice that is not made is no choice: scripts and old tabs send none, and the document is confidential then as well.
    classification = forms.ChoiceField(
        label=_("How sensitive it is"),
        choices=tuple(SENSITIVITIES.items()),
        initial="confidential",
        required=False,
        widget=forms.Select({"class": "input"}),
        help_text=_("Operators set from which sensitivity on a text is read by models of your own only."),
    )

    def clean_file(self) -> UploadedFile | None:
        """Refuse what is too large before it is read."""
        file: UploadedFile | None = self.cleaned_data["file"]
        if file is not None and (file.size or 0) > DEFAULT_LIMITS.file_bytes:
            raise forms.ValidationError(_now("It is larger than %(limit)s. Split it, or export less.") % {"limit": LIMIT})
        return file

    def clean(self) -> dict[str, Any]:
        """Exactly one of file and text."""
        data: dict[str, Any] = super().clean() or {}
        has_text = bool((data.get("text") or "").strip())
        if data.get("file") and has_text:
            raise forms.ValidationError(_now("Bring the file or the text, not both: each becomes a document of its own."))
        if not data.get("file") and not has_text and not self.errors:
            raise forms.ValidationError(_now("Choose a file, or paste the text."))
        return data

    @property
    def document(self) -> tuple[str, bytes]:
        """File name and content, of a valid form."""
        file: UploadedFile | None = self.cleaned_data["file"]
        if file is not None:
            return file.name or "document", file.read()
        title = " ".join(self.cleaned_data["title"].split()) or _now("Notes")
        return f"{title}.md", self.cleaned_data["text"].encode()
