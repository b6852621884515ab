"""What a process has used so far."""

from __future__ import annotations

import resource


def usage() -> dict[str, float]:
    """CPU seconds (user and system) and peak memory (MiB) of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"cpu_s": used.ru_utime + used.ru_stime, "peak_mib": used.ru_maxrss / 1024}
