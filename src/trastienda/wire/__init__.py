"""TRANSLATE: Spanish outside, English inside; JSON and objects; refusals and their words."""
