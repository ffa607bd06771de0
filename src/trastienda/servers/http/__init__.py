"""HTTP: routes from one table, each a parse, a call of an action, and an answer."""
