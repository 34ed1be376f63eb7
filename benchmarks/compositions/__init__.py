"""Chains, fan-outs and maps beside DBOS: `python -m benchmarks.compositions`."""
