"""Value packs: the drivers, KPIs, benchmarks and words of an industry, as data."""

from valuefabric.domain.packs.loader import PackError, load_pack
from valuefabric.domain.packs.schema import Benchmark, Cues, DriverSpec, InputSpec, KpiSpec, Pack, RowTemplate

__all__ = ["Benchmark", "Cues", "DriverSpec", "InputSpec", "KpiSpec", "Pack", "PackError", "RowTemplate", "load_pack"]
