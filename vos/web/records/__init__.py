"""The record of a case: who saw which version when, who voted under which policy, on which evidence. Read, checked, exported."""

from vos.web.records.gathering import case_record
from vos.web.records.lines import CaseRecord

__all__ = ["CaseRecord", "case_record"]
