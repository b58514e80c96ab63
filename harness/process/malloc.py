"""What a process must be told about memory before it starts."""

# glibc gives large blocks back to the system and faults them in again page by page. Kept, a tuning step of the built-in
# model takes 11 % less, its own training a fifth. Read when a process starts, so the parent's environment must hold it.
KEEP_FREED = {"MALLOC_MMAP_THRESHOLD_": str(4 << 30), "MALLOC_TRIM_THRESHOLD_": str(8 << 30)}
