"""Cursor pages: stable while rows are added, and as fast at the end as at the start."""

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """50 rows a page unless ``page_size`` says otherwise (at most 200), newest first."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "-created_at"
