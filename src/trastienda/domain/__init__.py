"""KNOW: the nouns of a shop and their rules. Pure: no clock, no input, no output, no
words of a wire.
"""
