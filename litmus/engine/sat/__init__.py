"""The SAT engine: asks a solver for one execution at a time, instead of enumerating candidates."""
