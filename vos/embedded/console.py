"""What the supervisor says to people: on standard error, so that standard output is free for results."""

from rich.console import Console

console = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """One line, with rich's markup."""
    console.print(text)


def note(text: str) -> None:
    """A line about what is going on; less loud."""
    console.print(f"[dim]{text}[/dim]")
