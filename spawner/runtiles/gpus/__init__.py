"""GPUs: what the host has (`inventory`), who holds what and who waits (`ledger`, pure), and the pool
that spawners ask (`pool`)."""

from .inventory import Gpu, read_gpus
from .ledger import Ledger, Wish
from .pool import GpuPool

__all__ = ["Gpu", "GpuPool", "Ledger", "Wish", "read_gpus"]
