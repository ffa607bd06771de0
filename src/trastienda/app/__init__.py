"""The composition root: the only room that knows all the others, and puts a shop together."""
