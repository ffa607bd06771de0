"""HTTP/1.1 over a connection: uvicorn's protocol, with limits in size and in time."""
