"""GPUs: what the host has (`inventory`), who holds what and who waits (`ledger`, pure), and the pool
that spawners ask (`pool`)."""

from .inventory import Gpu, GpuUse, read_gpus, read_use
from .ledger import Ledger, Wish
from .pool import GpuPool

__all__ = ["Gpu", "GpuPool", "GpuUse", "Ledger", "Wish", "read_gpus", "read_use"]
