"""``completion``: what a shell needs to complete commands, options and values."""

import click
from click.shell_completion import get_completion_class

PROGRAM = "trastienda"
SHELLS = ("bash", "zsh", "fish", "powershell")


@click.command()
@click.argument(
    "shell",
    type=click.Choice(SHELLS),
    metavar="TERMINAL",
    help="bash, zsh, fish o powershell.",
)
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Muestra lo que su terminal necesita para completar con la tecla Tab.

    Complete así comandos, opciones y sus valores. Se instala una vez, y vale desde la próxima terminal que abra:

    \b
    bash        trastienda completion bash >> ~/.bashrc
    zsh         trastienda completion zsh >> ~/.zshrc
    fish        trastienda completion fish > ~/.config/fish/completions/trastienda.fish
    PowerShell  trastienda completion powershell >> $PROFILE

    En zsh, ~/.zshrc tiene que decir antes «autoload -U compinit; compinit».
    """
    kind = get_completion_class(shell)
    assert kind is not None, "Click knows all of them"
    variable = f"_{PROGRAM.upper()}_COMPLETE"
    click.echo(kind(context.find_root().command, {}, PROGRAM, variable).source())
