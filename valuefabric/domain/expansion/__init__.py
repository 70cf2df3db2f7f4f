"""Expansion: gaps against benchmarks, sized by the engine, and what could be measured next."""

from valuefabric.domain.expansion.benchmark import Benchmark
from valuefabric.domain.expansion.gaps import BenchmarkError, find_gaps
from valuefabric.domain.expansion.proposal import proposal_document
from valuefabric.domain.expansion.result import DriverUplift, ExpansionResult, Gap, Uncounted

__all__ = ["Benchmark", "BenchmarkError", "DriverUplift", "ExpansionResult", "Gap", "Uncounted", "find_gaps", "proposal_document"]
