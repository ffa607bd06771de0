"""What the chat asks of whoever connects. Clients know it, and need no other sentence."""

PROMPT = "Ingresa tu alias: "
