"""The door to dataclasses: those of `litmus.record` for the program; the standard library's for type checkers, by the
stub beside this file, so that they check dataclasses as they always do."""

from litmus.record import dataclass, field, fields, is_dataclass, replace

__all__ = ["dataclass", "field", "fields", "is_dataclass", "replace"]
