"""What operators see of due work."""

from kernel.scheduler.models import DueWork


class DueStep(DueWork):
    """Steps that somebody is to look at, of all tenants, as operators see them: no tenant's data, only that work is due."""

    class Meta:
        proxy = True
        verbose_name = "due workflow step"
