"""DO: one verb a function, one transaction a call.

The only place that writes, and the only one that emits.
"""
