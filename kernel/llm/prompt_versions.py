"""Registering prompts: which text stood behind a version stays known, because a version is written once."""

from kernel.audit.services import audit_record
from kernel.llm.models import PromptVersion
from kernel.llm.prompts import Prompt, PromptError


def prompt_register(*, prompt: Prompt, actor: str) -> PromptVersion:
    """Note the version of ``prompt``. The same text again changes nothing; another text under a known version raises PromptError.

    In the public schema, as the platform: tenants read the rows.
    """
    known = PromptVersion.objects.filter(name=prompt.head.name, version=prompt.head.version).first()
    if known is None:
        row = PromptVersion.objects.create(
            name=prompt.head.name,
            version=prompt.head.version,
            owner=prompt.head.owner,
            text=prompt.text,
            sha256=prompt.sha256,
        )
        audit_record(actor=actor, action="prompt.register", subject=f"prompt:{prompt.version}", detail={"sha256": prompt.sha256})
        return row
    if known.sha256 != prompt.sha256:
        raise PromptError(f"{prompt.version} is registered with another text; give it the next version.")
    return known
