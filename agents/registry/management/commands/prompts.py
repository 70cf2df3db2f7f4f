"""``manage.py prompts check`` runs the tests of the catalogue's prompts; ``register`` notes their versions."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents.prompts import catalog_prompts
from agents.registry.services import prompts_register
from kernel.actors import SYSTEM
from kernel.llm.models import PromptVersion
from kernel.llm.prompts import Prompt, PromptError


class Command(BaseCommand):
    help = "Check the prompts of agents/catalog (tests, variables, texts that changed under a known version), or register them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["check", "register"])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            prompts = catalog_prompts()
            if options["verb"] == "register":
                prompts_register(actor=SYSTEM)
        except PromptError as error:
            raise CommandError(str(error)) from error
        failures = [failure for prompt in prompts for failure in (*prompt.failures(), *_changed(prompt))]
        for prompt in prompts:
            self.stdout.write(f"{prompt.version}, of {prompt.head.owner}: {len(prompt.head.tests)} tests")
        if failures:
            raise CommandError("\n".join(failures))


def _changed(prompt: Prompt) -> list[str]:
    known = PromptVersion.objects.filter(name=prompt.head.name, version=prompt.head.version).exclude(sha256=prompt.sha256)
    return [f"{prompt.version} is registered with another text; give it the next version"] if known else []
