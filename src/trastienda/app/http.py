"""The HTTP application of a shop that is served, and for whom it is there."""

from trastienda.config import Settings
from trastienda.operations.addresses import names_asked_for
from trastienda.operations.tls import Tls
from trastienda.servers.http.app import HttpApp
from trastienda.servers.http.exchange import Site
from trastienda.servers.http.hosts import Hosts
from trastienda.servers.http.origins import Origins
from trastienda.servers.http.proxies import TrustedProxies
from trastienda.servers.socketio.server import SocketServer


def http_app(
    site: Site,
    settings: Settings,
    tls: Tls | None,
    live: SocketServer,
) -> HttpApp:
    """Return the application, which answers to the names that the shop has."""

    def own_names() -> set[str]:
        names = {settings.host, *settings.hosts}
        if tls is not None:
            names.update(tls.site_names)
        return names | names_asked_for()

    return HttpApp(
        site,
        live,
        Hosts(own_names),
        Origins(settings.cors_origins),
        TrustedProxies(settings.trusted_proxies),
    )
