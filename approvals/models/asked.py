"""Who is asked on what is pending, a row each: an inbox is then the beginning of an index."""

from django.db import models

from approvals.models.request import ApprovalRequest


class Asked(models.Model):
    """One person or role of ``ApprovalRequest.waiting_for``, while the request is pending.

    The database keeps these rows itself (a trigger, in migration 0004), in the statement that changes the request: they are read,
    never written. An index over the array finds the same requests, but not in the order in which they came, so that the first
    twenty of very many are found only after all have been read.
    """

    pk = models.CompositePrimaryKey("who", "request_id")
    who = models.CharField(max_length=120, help_text="A person's or a role's identifier.")
    request = models.ForeignKey(ApprovalRequest, on_delete=models.CASCADE, related_name="asked_now")

    def __str__(self) -> str:
        return f"{self.who} on {self.request_id}"
