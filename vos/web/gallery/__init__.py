"""The style gallery: every page with made-up example context, to look at the look without a database."""

from vos.web.gallery.view import gallery

__all__ = ["gallery"]
