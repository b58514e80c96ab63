"""A fuzzer of everything that people hand to `harness`: files of every format, stored runs, adapters, command lines."""
