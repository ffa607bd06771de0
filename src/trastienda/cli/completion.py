"""``completion``: what a shell needs to complete commands, options and values."""

import click
from click.shell_completion import get_completion_class

PROGRAM = "trastienda"
VARIABLE = "_TRASTIENDA_COMPLETE"
"""Set by the shell when it asks this program for completions."""
SHELLS = ("bash", "zsh", "fish", "powershell")


@click.command()
@click.argument(
    "shell",
    type=click.Choice(SHELLS),
    metavar="TERMINAL",
    help="bash, zsh, fish o powershell.",
)
@click.pass_context
def completion(
    context: click.Context,
    shell: str,
) -> None:
    """Muestra lo que tu terminal necesita para completar con la tecla Tab.

    Completa así comandos, opciones y sus valores. Se instala una vez, y vale desde la
    próxima terminal que abras:

    \b
    bash        trastienda completion bash >> ~/.bashrc
    zsh         trastienda completion zsh >> ~/.zshrc
    fish        trastienda completion fish > ~/.config/fish/completions/trastienda.fish
    PowerShell  trastienda completion powershell >> $PROFILE

    En zsh, ~/.zshrc tiene que decir antes «autoload -U compinit; compinit».
    """
    completer_class = get_completion_class(shell)
    assert completer_class is not None, "Click knows all of them"
    main_command = context.find_root().command
    completer = completer_class(
        main_command,
        ctx_args={},
        prog_name=PROGRAM,
        complete_var=VARIABLE,
    )
    click.echo(completer.source())
