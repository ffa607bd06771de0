"""The command line, in Spanish."""

import click

from trastienda import __version__
from trastienda.cli.importing import import_
from trastienda.cli.keeping import migrate, settings_, verify
from trastienda.cli.people import user
from trastienda.cli.serving import demo, serve


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="trastienda", message="%(prog)s %(version)s")
def main() -> None:
    """La trastienda de un comercio: stock, ventas, compras, comprobantes y personas."""


for command in (serve, demo, import_, verify, user, migrate, settings_):
    main.add_command(command)
