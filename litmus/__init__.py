"""litmuskit: weak-memory litmus tests, generated, simulated and explained."""

__version__ = "0.1.0"
