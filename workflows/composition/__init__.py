"""Composing workflows out of capabilities: ``compose: [document.extract, compliance.check, report.generate]``."""

from workflows.composition.catalog import CapabilityEntry, UnknownCapability, capabilities, capability_named
from workflows.composition.compiler import CompositionRefused, composed

__all__ = ["CapabilityEntry", "CompositionRefused", "UnknownCapability", "capabilities", "capability_named", "composed"]
