"""SPEAK: the programs and the library that talk to a running shop."""
