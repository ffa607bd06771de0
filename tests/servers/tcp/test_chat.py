"""The chat for people: who hears what, in which room, and what they find when they come."""

import threading

from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.lines import Person, Program, new_alias
from tests.servers.tcp.conftest import OpenPerson, OpenProgram


def staff(person: OpenPerson, username: str) -> Person:
    """Somebody of the staff, in the room where everybody is."""
    one = person()
    one.send(f"/entrar {username} {PASSWORD}")
    one.until(lambda line: f"Hola, {username}." in line)
    one.send("/sala general")
    one.heard()
    return one


def number_of(one: Person, text: str) -> str:
    """The number of a message, as the history of the room shows it."""
    (line,) = [line for line in one.asks("/historial 20") if line.endswith(f": {text}")]
    return line[1:].split()[0]


def test_a_message_goes_to_everyone_else_and_never_back(person: OpenPerson) -> None:
    pedro, clara, other = new_alias("pedro"), person(new_alias()), person(new_alias())
    one = person(pedro)
    one.send("hola a todos")
    assert clara.until(f"{pedro}: ")[-1] == f"{pedro}: hola a todos"
    assert other.until(f"{pedro}: ")[-1] == f"{pedro}: hola a todos"
    assert one.heard() == []


def test_messages_of_one_sender_stay_in_order(person: OpenPerson) -> None:
    pedro, listener = new_alias("pedro"), person(new_alias())
    one = person(pedro)
    one.send(*(f"linea {number}" for number in range(300)))
    heard = listener.until(f"{pedro}: linea 299")
    assert [line for line in heard if line.startswith(f"{pedro}: ")] == [
        f"{pedro}: linea {it}" for it in range(300)
    ]


def test_others_hear_who_comes_leaves_and_is_renamed(
    person: OpenPerson,
) -> None:
    pedro, pablo, watcher = new_alias("pedro"), new_alias("pablo"), person(new_alias())
    one = person(pedro)
    assert watcher.until(pedro) == [f"{pedro} se ha unido al chat."]
    assert one.asks(f"/nombre {pablo}") == [f"Ahora eres {pablo}."]
    assert watcher.until(pedro) == [f"{pedro} ahora es {pablo}."]
    one.send("salir")
    assert one.to_the_end() == ["Hasta luego."]
    assert watcher.until(pablo) == [f"{pablo} ha salido del chat."]


def test_a_client_that_hangs_up_or_is_cut_off_has_left(person: OpenPerson) -> None:
    pedro, watcher = new_alias("pedro"), person(new_alias())
    person(pedro).close()
    watcher.until(f"{pedro} ha salido del chat.")
    assert pedro not in watcher.asks("/usuarios")[-1]


def test_a_message_sent_before_hanging_up_is_heard(person: OpenPerson) -> None:
    pedro, listener = new_alias("pedro"), person(new_alias())
    one = person(pedro)
    one.send("adios")
    one.close()
    heard = listener.until(f"{pedro} ha salido")
    assert f"{pedro}: adios" in heard


def test_an_alias_is_free_once_its_holder_has_left(
    person: OpenPerson,
) -> None:
    pedro, pablo = new_alias("pedro"), new_alias("pablo")
    one, other = person(pedro), person(pablo)
    assert other.asks(f"/nombre {pedro.upper()}")[-1].endswith("(ya_existe)")
    one.asks(f"/nombre {new_alias()}")
    assert other.asks(f"/nombre {pedro}")[-1] == f"Ahora eres {pedro}."


def test_connected_users_are_listed(person: OpenPerson) -> None:
    pedro, pablo = new_alias("pedro"), new_alias("pablo")
    one, _ = person(pedro), person(pablo)
    (line,) = one.asks("/usuarios")
    assert line.startswith("Usuarios conectados (")
    assert {pedro, pablo} <= set(line.partition(": ")[2].split(", "))
    assert one.asks("/users") == [line]


def test_rooms_are_for_staff_and_hear_only_their_own_messages(
    person: OpenPerson,
) -> None:
    bodega, guest = new_alias("bodega"), person(new_alias())
    assert guest.asks(f"/sala {bodega}")[-1].endswith("(no_autenticado)")
    ana, beto, clara = (staff(person, name) for name in ("ana", "beto", "clara"))
    assert clara.asks(f"/sala {bodega}")[-1].endswith("(sin_permiso)")
    assert ana.asks(f"/sala {bodega}") == [f"Estás en #{bodega}."]
    beto.send(f"/join #{bodega.upper()}")
    assert ana.until("beto se ha unido")[-1] == "beto se ha unido al chat."
    beto.until(f"Estás en #{bodega}.")
    ana.send("para la bodega")
    assert beto.until("ana: ")[-1] == "ana: para la bodega"
    assert not any(
        "bodega" in line
        for one in (guest, clara)
        for line in one.heard()
        if ": " in line
    )
    assert f"#{bodega}" in "\n".join(ana.asks("/salas"))
    assert f"#{bodega}" not in "\n".join(clara.asks("/salas") + guest.asks("/salas"))
    guest.asks("para todos")
    assert clara.asks("/historial")[-1].startswith("[")


def test_nobody_may_speak_in_the_room_of_alerts(person: OpenPerson) -> None:
    ana = staff(person, "ana")
    ana.asks("/sala alertas")
    ana.send("hola")
    assert ana.until(lambda line: line.endswith("(sin_permiso)"))
    assert not any(line.endswith("ana: hola") for line in ana.asks("/historial"))


def test_entering_a_room_shows_its_last_20_messages(person: OpenPerson) -> None:
    room, ana = new_alias("sala"), staff(person, "ana")
    ana.asks(f"/sala {room}", *(f"dicho {number}" for number in range(25)))
    found = staff(person, "beto").asks(f"/sala {room}")
    assert found[0] == f"Estás en #{room}."
    assert [line.partition("] ")[2] for line in found[1:]] == [
        f"ana: dicho {number}" for number in range(5, 25)
    ]
    assert [line[1:].split()[0] for line in found[1:]] == [
        str(number) for number in range(6, 26)
    ]
    assert [line.rpartition(" ")[2] for line in ana.asks("/historial 2")] == [
        "23",
        "24",
    ]


def test_no_message_is_missed_or_doubled_between_history_and_live(
    open_shop: OpenShop,
) -> None:
    server, enough = open_shop(chat_rate=0).server, threading.Event()

    def talk() -> None:
        with Program(server.chat) as one:
            one.ok("nombre", alias="hablador")
            number = 0
            while not enough.is_set():
                one.ok("mensaje", texto=f"numero {number}")
                number += 1

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        for turn in range(25):
            with Person(server.chat, f"oyente{turn}") as one:
                heard = [line for line in one.welcome if "numero" in line]
                while len(heard) < 60:
                    heard += [line for line in [one.line()] if "numero" in line]
            numbers = [int(line.rpartition(" ")[2]) for line in heard]
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    finally:
        enough.set()
        talker.join()


def test_others_see_that_a_message_was_edited_or_deleted(person: OpenPerson) -> None:
    pedro, watcher = new_alias("pedro"), person(new_alias())
    one = person(pedro)
    one.send("ola")
    watcher.until(f"{pedro}: ola")
    seq = number_of(one, "ola")
    one.send(f"/editar {seq} hola")
    assert (
        watcher.until(f"{pedro} corrigió")[-1]
        == f"{pedro} corrigió su mensaje {seq}: hola"
    )
    assert one.asks("/historial 1")[-1].endswith(f"{pedro}: hola (corregido)")
    assert watcher.asks(f"/borrar {seq}")[-1].endswith("(sin_permiso)")
    one.send(f"/borrar {seq}")
    assert watcher.until("Se borró")[-1] == f"Se borró el mensaje {seq} de {pedro}."
    assert one.asks("/historial 1")[-1].endswith(f"(mensaje borrado de {pedro})")
    assert one.asks(f"/editar {seq} otra vez")[-1].endswith("(no_encontrado)")


def test_a_later_holder_of_an_alias_cannot_edit_earlier_messages(
    person: OpenPerson,
) -> None:
    pedro, watcher = new_alias("pedro"), person(new_alias())
    early = person(new_alias())  # here before the message, and bears the alias after it
    one = person(pedro)
    one.send("es mio")
    watcher.until(f"{pedro}: es mio")
    seq = number_of(one, "es mio")
    one.send("salir")
    one.to_the_end()
    watcher.until(f"{pedro} ha salido")
    assert early.asks(f"/nombre {pedro}")[-1] == f"Ahora eres {pedro}."
    assert early.asks(f"/editar {seq} ya no")[-1].endswith("(sin_permiso)")
    early.asks("/nombre " + new_alias())
    assert person(pedro).asks(f"/borrar {seq}")[-1].endswith("(sin_permiso)")


def test_unread_messages_are_counted_for_users(
    program: OpenProgram, person: OpenPerson
) -> None:
    room, ana, beto = new_alias("sala"), program("ana"), program("beto")
    for one in (ana, beto):
        one.ok("sala", sala=room)
    beto.ok("sala", sala="general")
    for number in range(3):
        ana.ok("mensaje", texto=f"uno {number}")
    (found,) = [one for one in beto.ok("salas")["salas"] if one["sala"] == room]
    assert found == {"sala": room, "ultimo": 3, "sin_leer": 3}
    assert f"#{room} (3 sin leer)" in staff(person, "beto").asks("/salas")
    assert beto.ok("leido", sala=room, seq=2)["seq"] == 2
    (found,) = [one for one in beto.ok("salas")["salas"] if one["sala"] == room]
    assert found["sin_leer"] == 1
    reader = staff(person, "beto")
    reader.asks(f"/sala {room}")
    assert f"#{room}" in reader.asks("/salas")
    (found,) = [one for one in beto.ok("salas")["salas"] if one["sala"] == room]
    assert found["sin_leer"] == 0


def test_a_search_ignores_accents(person: OpenPerson) -> None:
    word = new_alias("camion").replace("-", "")
    one, listener = person(new_alias()), person(new_alias())
    one.send(f"llegó el {word} azul")
    listener.until(lambda line: word in line)
    assert one.asks(f"/buscar {word.upper()} AZÚL")[0].endswith(f"llegó el {word} azul")
    assert one.asks("/buscar nadadeesto") == ["Nada encontrado."]


def test_control_characters_are_removed_from_messages(person: OpenPerson) -> None:
    pedro, listener = new_alias("pedro"), person(new_alias())
    person(pedro).raw(
        "a\x1b[31mro\x07jo\x00 \u202etxt\x1b]0;titulo\x07\tfin\n".encode()
    )
    assert listener.until(f"{pedro}: ")[-1] == f"{pedro}: arojo txt fin"


def test_the_help_lists_the_commands_that_one_may_use(person: OpenPerson) -> None:
    guest, ana = person(new_alias()), staff(person, "ana")
    for_guest, for_ana = guest.asks("/ayuda"), ana.asks("/help")
    assert not any(line.startswith("/bloquear") for line in for_guest)
    assert any(line.startswith("/bloquear") for line in for_ana)
    commands_of_guest = {line.partition(":")[0] for line in for_guest}
    assert commands_of_guest < {line.partition(":")[0] for line in for_ana}
