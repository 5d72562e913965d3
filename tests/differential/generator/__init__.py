"""Random litmus tests, one module a dialect: a seed and a number give a test."""
