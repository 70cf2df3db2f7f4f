"""A picture to take along: the same SVG with the light colours written into it, so that it stands alone."""

import re

from vos.web.charts.markup import Markup

_TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")
_LIGHT = re.compile(r"light-dark\(\s*([^,]+),[^)]*\)")
_USE = re.compile(r"var\(--([\w-]+)\)")


def standalone(svg: str, *, tokens: str, rules: str) -> str:
    """``svg`` with a style of its own. ``tokens`` and ``rules`` are the texts of tokens.css and chart.css."""
    values: dict[str, str] = {}
    for name, value in _TOKEN.findall(tokens):
        values.setdefault(name, _LIGHT.sub(r"\1", value).strip())
    chosen = "\n".join(part for part in re.findall(r"svg\.vos[^{}]*\{[^}]*\}", rules) if ":" not in part.split("{")[0])
    plain = _USE.sub(lambda found: values.get(found.group(1), "inherit"), chosen)
    head, _, rest = svg.partition(">")
    return Markup(f"{head}><style>{plain}</style>{rest}")
