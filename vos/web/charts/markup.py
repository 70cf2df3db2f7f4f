"""SVG as text: every attribute and every word escaped, no inline style (the content security policy forbids it)."""

from collections.abc import Iterable
from html import escape

type Attribute = str | int | float | None


class Markup(str):
    """Text that is already markup. A template prints it as it is, because it answers ``__html__``."""

    __slots__ = ()

    def __html__(self) -> "Markup":
        """The markup itself: it needs no escaping."""
        return self


def number(value: float) -> str:
    """A coordinate with at most two places, so that files stay small and tests can state them."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def tag(name: str, *children: str, **attributes: Attribute) -> Markup:
    """One element. ``class_`` is the class; an underscore in a name is a hyphen; None leaves the attribute out."""
    parts = [name]
    for key, value in attributes.items():
        if value is None:
            continue
        text = escape(value, quote=True) if isinstance(value, str) else number(value) if isinstance(value, float) else str(value)
        parts.append(f'{key.rstrip("_").replace("_", "-")}="{text}"')
    inner = "".join(child if isinstance(child, Markup) else escape(child, quote=False) for child in children)
    return Markup(f"<{' '.join(parts)}>{inner}</{name}>" if inner else f"<{' '.join(parts)}/>")


def group(children: Iterable[str], **attributes: Attribute) -> Markup:
    """Children in a ``g``."""
    return tag("g", *children, **attributes)


def text(words: str, x: float, y: float, *, css: str = "", anchor: str = "start") -> Markup:
    """Words with their baseline at ``y``; ``anchor`` is start, middle or end."""
    return tag("text", words, x=x, y=y, class_=css or None, text_anchor=None if anchor == "start" else anchor)


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> Markup:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=css)


def rect(x: float, y: float, width: float, height: float, css: str) -> Markup:
    """A rectangle; a negative height or width is turned round."""
    left, top = min(x, x + width), min(y, y + height)
    return tag("rect", x=left, y=top, width=abs(width), height=abs(height), class_=css)


def path(points: Iterable[tuple[float, float]], css: str, *, closed: bool = False) -> Markup:
    """A line through points, or the area they enclose."""
    steps = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return tag("path", d=f"M{steps}{'Z' if closed else ''}", class_=css)


def picture(children: Iterable[str], *, width: float, height: float, title: str, describe: str, css: str = "vos") -> Markup:
    """The SVG itself: an image for screen readers, named by its finding and described by its figures."""
    return tag(
        "svg",
        tag("title", title),
        tag("desc", describe),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        class_=css,
        role="img",
    )
