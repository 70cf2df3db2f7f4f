"""Due work: the durable list of what is to be looked at, and when."""

from kernel.scheduler.duework.selectors import due_work_overdue
from kernel.scheduler.duework.services import due_work_done, due_work_postpone, due_work_put
from kernel.scheduler.duework.wakeups import register_wakeup, wake

__all__ = ["due_work_done", "due_work_overdue", "due_work_postpone", "due_work_put", "register_wakeup", "wake"]
