"""The desktop window, driven by keys and pointer, against a shop that runs."""

import json
import socket
from pathlib import Path

from tests.clients.window.conftest import OpenDesk
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.lines import Person, Program, new_alias
from tests.harness.proxy import Proxy
from tests.harness.second_factors import set_up
from tests.harness.shop import RunningShop
from tests.harness.windows import NEEDS_SCREEN, Desk

pytestmark = NEEDS_SCREEN


def test_a_guest_comes_in_talks_and_hears(talk: RunningShop, desk: OpenDesk) -> None:
    one, alias, other = desk(talk.server.chat), new_alias("ana"), new_alias("lucho")
    one.come_in(alias)
    with Person(talk.server.chat, other) as person:
        one.until_said(f"{other} se ha unido al chat.")
        one.enter("buenas tardes")
        person.until(f"{alias}: buenas tardes")
        person.send("hola, ana")
        one.until_said("hola, ana")
    text = one.talk()
    assert text.count("buenas tardes") == 1
    assert text.index("buenas tardes") < text.index("hola, ana")
    assert "enviando" not in text


def test_whoever_mistypes_is_told_and_keeps_what_they_typed(
    talk: RunningShop, desk: OpenDesk
) -> None:
    one = desk(talk.server.chat)
    one.enter_names("beto", "otra-clave")
    one.until("'no calzan' in window.entry.sentence or window.entry.sentence")
    assert one.see("window.entry.value('username')") == "beto"
    one.press("ctrl+a")
    one.enter(PASSWORD)
    one.until("not window.is_asked")
    one.until("chat.model.room == 'equipo'")


def test_a_second_factor_is_asked_for(talk: RunningShop, desk: OpenDesk) -> None:
    user, caller = talk.somebody("Cajero")
    phone, _ = set_up(caller, user["rut"])
    one = desk(talk.server.chat)
    one.enter_names(user["usuario"], PASSWORD)
    one.until("window.entry.asks_code")
    one.enter(phone.code(1))
    one.until("not window.is_asked")


def test_after_a_break_nothing_but_a_new_code_is_asked_for(
    talk: RunningShop, desk: OpenDesk
) -> None:
    user, caller = talk.somebody("Cajero")
    phone, _ = set_up(caller, user["rut"])
    with Proxy(lambda: talk.server.chat, 1) as line:
        line.calm = True
        one = desk(line.address)
        one.enter_names(user["usuario"], PASSWORD)
        one.until("window.entry.asks_code")
        one.enter(phone.code(1))
        one.until("not window.is_asked")
        line.cut()
        line.is_down = False
        one.until("window.is_asked and window.entry.asks_code")
        assert one.see("window.entry.value('username')") == user["usuario"]
        assert one.see("window.entry.value('password')") == PASSWORD


def test_nobody_at_the_port_is_a_sentence(desk: OpenDesk) -> None:
    one = desk("127.0.0.1:1")
    one.enter_names("ana", PASSWORD)
    one.until("'Nadie contesta' in window.entry.sentence")


def test_private_talk_has_a_tab_and_says_who_is_away(
    talk: RunningShop, desk: OpenDesk
) -> None:
    one, other = desk(talk.server.chat), new_alias("lucho")
    one.log_in("beto", PASSWORD)
    with Person(talk.server.chat, other) as person:
        person.asks("/privado beto ¿me guardas uno?")
        one.until(f"chat.model.talks.private({other!r}).unread == 1")
        assert f"@{other}" in one.see("chat.side.choices")
        one.see(f"chat.turn_to('@{other}')")
        one.until_said("¿me guardas uno?")
        assert one.see(f"chat.model.talks.privates[{other!r}].unread") == 0
        one.enter("si, claro")
        person.until("beto (en privado): si, claro")
    one.until(f"{other!r} not in chat.model.people")
    one.press("ctrl+w")
    one.until("chat.model.talks.current.name == 'equipo'")
    one.enter("/privado clara paso a las seis")
    one.until_said("clara no está. Lo leerá al volver.")


def test_rooms_are_entered_and_what_waits_in_others_is_counted(
    talk: RunningShop, desk: OpenDesk
) -> None:
    one = desk(talk.server.chat)
    one.log_in("beto", PASSWORD)
    room = new_alias("bodega")
    one.enter(f"/sala {room}")
    one.until(f"chat.model.room == {room!r}")
    one.enter("llegaron las cajas")
    one.until_said("llegaron las cajas")
    one.see("chat.turn_to('#equipo')")
    one.until("chat.model.room == 'equipo'")
    with Program(talk.server.chat) as ana:
        ana.ok("entrar", usuario="ana", clave=PASSWORD)
        ana.ok("mensaje", sala=room, texto="ya voy")
    one.until(f"chat.model.talks.room({room!r}).unread == 1")
    one.until("window.title().startswith('(')")
    one.see(f"chat.turn_to('#{room}')")
    one.until_said("ya voy")
    assert "Nuevo" in one.talk()
    one.until(f"chat.model.talks.room({room!r}).unread == 0")


def test_what_one_said_is_corrected_and_taken_back(
    talk: RunningShop, desk: OpenDesk
) -> None:
    one = desk(talk.server.chat)
    one.log_in("beto", PASSWORD)
    mark = new_alias("m")
    one.enter(f"{mark} abrimos a las nueve")
    one.until_said("a las nueve")
    one.until("chat.model.talks.current.messages[-1].seq")
    one.press("Up")
    one.until("chat.composer.get().endswith('nueve')")
    one.press(*["BackSpace"] * len("nueve"))
    one.enter("diez")
    one.until_said(f"{mark} abrimos a las diez (corregido)")
    one.press("Up")
    one.press("Escape")
    assert one.see("chat.composer.get()") == ""
    one.see(
        "chat.model.speech.delete(chat.model.talks.current, "
        "chat.model.talks.current.messages[-1])"
    )
    one.until_said("mensaje borrado")
    assert mark not in one.talk()


def test_the_menu_of_a_message_opens_by_keys(talk: RunningShop, desk: OpenDesk) -> None:
    one = desk(talk.server.chat)
    one.log_in("beto", PASSWORD)
    mark = new_alias("m")
    one.enter(f"{mark} esto se borra")
    one.until("chat.model.talks.current.messages[-1].seq")
    one.press("F6", "F6")
    one.until("window.focus_get() is chat.view.text")
    one.press("Return")
    one.until("chat.menu and str(window.tk.call('focus')) == str(chat.menu)")
    while one.see("chat.menu.index('active') != chat.menu.index('end')"):
        one.press("Down")
    one.press("Return")  # the last entry: Borrar mensaje
    one.until_said("mensaje borrado")


def test_what_was_said_is_searched(talk: RunningShop, desk: OpenDesk) -> None:
    one = desk(talk.server.chat)
    one.log_in("beto", PASSWORD)
    word = new_alias("aji").replace("-", "")
    one.enter(f"{word} verde en oferta")
    one.until("chat.model.talks.current.messages[-1].seq")
    one.press("ctrl+f")
    one.enter(word)
    one.until("chat.search.texts")
    assert one.see("chat.search.texts") == [f"{word} verde en oferta"]
    one.press("Escape")
    one.until("not chat.search.winfo_ismapped()")


def test_a_broken_line_loses_and_doubles_nothing(
    open_shop: OpenShop, desk: OpenDesk
) -> None:
    shop = open_shop(chat_rate=0)
    with Proxy(lambda: shop.server.chat, 1) as line:
        line.calm = True
        one = desk(line.address)
        one.log_in("beto", PASSWORD)
        line.cut()
        one.until("window.strip.winfo_ismapped()")
        one.enter("esto se escribió sin red".replace("ó", "o"))
        one.until_said("enviando")
        one.type("y esto a medias")
        shop.restart(kill=True)
        with Program(shop.server.chat) as ana:
            ana.ok("entrar", usuario="ana", clave=PASSWORD)
            ana.ok("mensaje", sala="equipo", texto="mientras no estabas")
            line.is_down = False
            one.until_said("mientras no estabas")
            one.until("'enviando' not in chat.view.text.get('1.0', 'end')")
            one.until("not window.strip.winfo_ismapped()")
            assert one.see("chat.composer.get()") == "y esto a medias"
            one.press("Return")
            one.until("chat.model.talks.current.messages[-1].seq")
            said = [
                message["texto"]
                for message in ana.ok("historial", sala="equipo")["mensajes"]
            ]
    assert said.count("esto se escribio sin red") == 1
    assert said.count("y esto a medias") == 1
    text = one.talk()
    assert [text.count(words) for words in said] == [1] * len(said)
    assert sorted(said, key=text.index) == said


def test_what_is_hostile_is_shown_as_harmless_words(
    talk: RunningShop, desk: OpenDesk
) -> None:
    one = desk(talk.server.chat)
    one.come_in(new_alias("ana"))
    with Program(talk.server.chat) as program:
        program.ok("nombre", alias=new_alias("malo"))
        program.ok("mensaje", texto="\x1b[2J\x1b]0;dueño\x07\u202eabc\r\nfin")
        program.ok("mensaje", texto='[exit] {$root} \\ " ; # %s')
        program.ok("mensaje", texto="x" * 8_000)
        one.until_said("x" * 8_000)
    text = one.talk()
    assert "abc fin" in text
    assert "dueño" not in text
    assert '[exit] {$root} \\ " ; # %s' in text


def test_thousands_of_messages_leave_the_widget_small(
    talk: RunningShop, desk: OpenDesk
) -> None:
    one = desk(talk.server.chat)
    one.come_in(new_alias("ana"))
    one.type("todavia escribo")
    mark, last = new_alias("m"), 5_000
    with Person(talk.server.chat, new_alias("lucho")) as person:
        person.send("\n".join(f"{mark} {number}." for number in range(last + 1)))
        one.until_said(f"{mark} {last}.")
        one.type(", y nada me molesta")
    assert one.see("chat.composer.get()") == "todavia escribo, y nada me molesta"
    held = one.see("len(chat.model.talks.current.messages)")
    drawn = one.see("int(chat.view.text.index('end').split('.')[0])")
    assert held > last
    assert drawn < last / 2
    numbers = [line for line in one.talk().splitlines() if line.startswith(mark)]
    assert (
        numbers == [f"{mark} {number}." for number in range(last + 1)][-len(numbers) :]
    )


def test_the_window_remembers_who_came_in_and_no_password(
    talk: RunningShop, desk: OpenDesk, tmp_path: Path
) -> None:
    one = desk(talk.server.chat)
    one.log_in("beto", PASSWORD)
    one.press("ctrl+d", "ctrl+plus")
    one.press("ctrl+q")
    one.ended()
    text = (tmp_path / "ventana.json").read_text()
    memory = json.loads(text)
    assert (memory["username"], memory["is_dark"], memory["zoom"]) == (
        "beto",
        True,
        1.1,
    )
    assert PASSWORD not in text


def test_another_window_is_somebody_else(talk: RunningShop, desk: OpenDesk) -> None:
    one, alias = desk(talk.server.chat), new_alias("pedro")
    one.log_in("beto", PASSWORD)
    one.enter("/sala general")
    one.until("chat.model.room == 'general'")
    one.press("ctrl+n")
    one.until("len(windows) == 2")
    one.window = 1
    one.look_here()
    one.come_in(alias)
    one.enter("desde la otra")
    one.window = 0
    one.until_said("desde la otra")
    one.see("windows[1].close()")
    one.until_said(f"{alias} ha salido del chat.")


def test_names_are_completed_and_emoji_picked_by_keys(
    talk: RunningShop, desk: OpenDesk
) -> None:
    one, alias, other = desk(talk.server.chat), new_alias("ana"), new_alias("zoila")
    one.come_in(alias)
    with Person(talk.server.chat, other) as person:
        one.until(f"{other!r} in chat.model.people")
        one.type("hola @zoi")
        one.press("Tab")
        one.until(f"chat.composer.get() == 'hola @{other} '")
        one.press("ctrl+e")
        one.until("window.focus_get() is not chat.composer.text")
        one.enter("pulgar hacia arriba")
        one.until("chat.composer.get().endswith('👍')")
        one.press("Return")
        person.until(f"{alias}: hola @{other} 👍")


def test_whoever_comes_next_finds_nothing_of_the_one_before(
    talk: RunningShop, desk: OpenDesk
) -> None:
    user, _ = talk.somebody("Cajero")
    with Proxy(lambda: talk.server.chat, 1) as line:
        line.calm = True
        one = desk(line.address)
        one.log_in(user["usuario"], PASSWORD)
        one.enter("/privado ana esto no es de nadie mas")
        one.until_said("esto no es de nadie mas")
        line.cut()
        change = {"clave": "otra-clave-nueva", "debe_cambiar": False}
        talk.ana.ok("PUT", f"/users/{user['rut']}", change)
        line.is_down = False
        one.until("window.is_asked")
        one.see("window.entry.clear('username')")
        one.enter_names("clara", PASSWORD)
        one.until("not window.is_asked")
        one.until("chat.model.commands")
        assert "ana" not in one.see("list(chat.model.talks.privates)")


def test_whoever_leaves_is_told_what_was_not_sent(line: Proxy, cut_off: Desk) -> None:
    cut_off.enter("esto no ha salido")
    cut_off.until_said("enviando")
    cut_off.press("ctrl+q")
    cut_off.until("window.focus_get().cget('text') == 'Quedarse'")
    cut_off.press("space")
    cut_off.until("window.focus_get() is chat.composer.text")
    line.is_down = False
    cut_off.until("chat.model.talks.count_unsent() == 0")
    cut_off.press("ctrl+q")
    cut_off.ended()


def test_a_room_that_was_chosen_without_a_line_is_the_one_that_is_heard(
    talk: RunningShop, line: Proxy, cut_off: Desk
) -> None:
    cut_off.see("chat.turn_to('#general')")
    line.is_down = False
    cut_off.until("chat.model.talks.current.name == 'general'")
    cut_off.until("chat.model.room == 'general'")
    with Person(talk.server.chat, new_alias("lucho")) as person:
        person.send("se oye en general")
        cut_off.until_said("se oye en general")
    cut_off.see("chat.turn_to('#equipo')")
    with Program(talk.server.chat) as ana:
        ana.ok("entrar", usuario="ana", clave=PASSWORD)
        cut_off.until("chat.model.talks.current.name == 'equipo'")
        ana.ok("mensaje", sala="equipo", texto="se oye en equipo")
        cut_off.until_said("se oye en equipo")


def test_a_mention_is_told_to_who_looks_at_the_shelves(
    talk: RunningShop, desk: OpenDesk
) -> None:
    one = desk(talk.server.chat)
    one.log_in("beto", PASSWORD)
    one.press("ctrl+2")
    one.until("window.pages.shelf.winfo_ismapped()")
    with Program(talk.server.chat) as ana:
        ana.ok("entrar", usuario="ana", clave=PASSWORD)
        ana.ok("mensaje", sala="equipo", texto="@beto, ven a la caja")
    one.until("chat.model.talks.room('equipo').unread == 1")
    one.press("ctrl+1")
    one.until("chat.model.talks.room('equipo').unread == 0")


def test_what_is_no_shop_is_told_so(desk: OpenDesk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        one = desk(f"127.0.0.1:{listener.getsockname()[1]}")
        one.enter_names("ana", PASSWORD)
        line, _ = listener.accept()
        line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        line.close()
        one.until("'no contesta ninguna tienda' in window.entry.sentence")
        assert one.see("window.reception.line") is None
