"""The operators' admin, on the public host: tenants, members, agents, models, rules, packs. No tenant's data."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.views.decorators.csp import csp_override
from unfold.sites import UnfoldAdminSite

# unfold's pages use Alpine, which evaluates expressions in attributes. Workspaces keep the strict policy.
_ADMIN_CSP: dict[str, list[str]] = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.UNSAFE_INLINE, CSP.UNSAFE_EVAL],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}


class OperatorsSite(UnfoldAdminSite):
    """django-unfold's site under a content security policy of its own."""

    site_header = "VOS operators"
    site_title = "VOS operators"
    index_title = "Governance"

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """unfold takes both names from its settings, and none where there are none."""
        return {**super().each_context(request), "site_header": self.site_header, "site_title": self.site_title}

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return csp_override(_ADMIN_CSP)(super().admin_view(view, cacheable))

    @method_decorator(csp_override(_ADMIN_CSP))
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().login(request, extra_context)
        return response
