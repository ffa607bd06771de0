"""TLS handshakes in memory, between a client that trusts one authority and a server."""

import ssl

from cryptography import x509


def trusting(authority: bytes) -> ssl.SSLContext:
    """Return the context of a client that trusts ``authority`` (PEM) alone."""
    return ssl.create_default_context(cadata=authority.decode())


def shaken(server: ssl.SSLContext, authority: bytes, name: str) -> bytes:
    """Return the certificate (DER) of a server that the client verified as ``name``."""
    return handshake(trusting(authority), server, name)


def handshake(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> bytes:
    """Shake hands; return the certificate (DER) that the client was shown."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client_side = client.wrap_bio(to_client, to_server, server_hostname=name)
    server_side = server.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client_side, server_side]
    while waiting:
        for side in list(waiting):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(side)
    certificate = client_side.getpeercert(binary_form=True)
    assert certificate is not None
    return certificate


def certificate_of(der: bytes) -> x509.Certificate:
    """Return a certificate as it can be looked into."""
    return x509.load_der_x509_certificate(der)
