"""LISTEN: parse a wire, call an action, print the answer."""
