"""The composition root: it knows all the other rooms and puts a shop together."""
