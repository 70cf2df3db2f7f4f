"""The prompts of the agents' model-assisted methods: files beside their code, read once."""

from functools import cache
from pathlib import Path

from kernel.llm.prompts import Prompt, PromptError, prompt_load

CATALOG = Path(__file__).parent / "catalog"


@cache
def agent_prompt(agent: str, name: str) -> Prompt:
    """The prompt ``name`` of ``agent``. Raises PromptError when it is not there or not right."""
    path = CATALOG / agent / f"{name}.prompt.md"
    if not path.is_file():
        raise PromptError(f"Agent {agent} has no prompt {name!r}.")
    prompt = prompt_load(path.read_text(encoding="utf-8"), where=f"{agent}/{path.name}")
    if prompt.head.name != name:
        raise PromptError(f"{agent}/{path.name} calls itself {prompt.head.name!r}; it must be called as its file.")
    return prompt


def catalog_prompts() -> list[Prompt]:
    """Every prompt of the catalogue, by agent. Raises PromptError also when two have one name."""
    prompts = [
        agent_prompt(path.parent.name, path.name.removesuffix(".prompt.md")) for path in sorted(CATALOG.glob("*/*.prompt.md"))
    ]
    names = [prompt.head.name for prompt in prompts]
    if twice := {name for name in names if names.count(name) > 1}:
        raise PromptError(f"Two prompts are called {', '.join(sorted(twice))}.")
    return prompts
