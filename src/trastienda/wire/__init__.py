"""TRANSLATE: Spanish outside, English inside; JSON and objects; refusals in words."""
