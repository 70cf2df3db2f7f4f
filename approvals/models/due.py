"""What operators see of approvals: that work is due, and no tenant's data."""

from kernel.scheduler.models import DueWork


class DueApproval(DueWork):
    """Reminders, expiries and deeds that somebody is to look at, of all tenants."""

    class Meta:
        proxy = True
        verbose_name = "due approval work"
        verbose_name_plural = "due approval work"
