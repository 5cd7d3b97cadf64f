#!/usr/bin/python3
"""Nothing readable is ever written or sent: every file of every profile and of the hub, and every byte that the hub
sends, is searched for planted words, in UTF-8 and UTF-16; and the party outside a caucus gets no byte of it."""
import socket
import threading

from person import Stage, main, until

TITLE = "马背上的界桩官司"
MINUTES = "排水沟向东一米记录在案"
SECRET = "底线五百元不可外传"
AMOUNT = "壹万贰仟叁佰元"
NAMES = ("王调解员甲", "张三丰年", "李四海清")


class Relay:
    """A line through which everything between the people and the hub passes, and which keeps what the hub sent to whom."""

    def __init__(self, port):
        self.target = port
        self.heard = []  # (bytes of the hub) a connection
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.open = True
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while self.open:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            hub = socket.create_connection(("127.0.0.1", self.target))
            kept = bytearray()
            self.heard.append(kept)
            threading.Thread(target=self.copy, args=(client, hub, None), daemon=True).start()
            threading.Thread(target=self.copy, args=(hub, client, kept), daemon=True).start()

    @staticmethod
    def copy(source, target, kept):
        try:
            while data := source.recv(65536):
                if kept is not None:
                    kept += data
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.open = False
        self.server.close()


def forms(word):
    return word.encode("utf-8"), word.encode("utf-16-le"), word.encode("utf-16-be")


def hold_a_case(stage, relay_box):
    court = stage.must("court", "court", "init", "--name", "court", "--kdf", "interactive")
    ready = stage.start_hub(court["root_key"])
    relay = Relay(int(ready["url"].rstrip("/").rsplit(":", 1)[1]))
    relay_box.append(relay)
    stage.hub_url = f"ws://127.0.0.1:{relay.port}/"
    stage.must("court", "court", "register", "--hub", stage.hub_url)
    stage.make_person("w", NAMES[0], "mediator")
    stage.make_person("z", NAMES[1])
    stage.make_person("l", NAMES[2])
    people = [stage.batch(profile) for profile in ("w", "z", "l")]
    mediator, first, second = people
    mediator.say("case", "new", "--title", TITLE)
    doc = mediator.say("doc", "new", "--kind", "minutes", "--title", "笔录")["doc"]
    stage.admit(mediator, first, NAMES[1])
    stage.admit(mediator, second, NAMES[2])
    mediator.say("doc", "edit", doc, "--insert", MINUTES)
    first.say("case", "set", "amount", AMOUNT)
    for person in people:
        person.say("sync", "now")
    until(lambda: MINUTES in second.say("doc", "show", doc)["text"], "the minutes arrive")
    return people, relay


def test_files_and_wire_hold_no_planted_word():
    relays = []
    with Stage() as stage:
        try:
            people, relay = hold_a_case(stage, relays)
            people[0].say("space", "post", SECRET, "--space", f"caucus:{NAMES[1]}", "--level", "keep")
            until(lambda: any(m["text"] == SECRET for m in people[1].say("space", "read", "--space", "caucus")["items"]),
                  "the private word arrives")
            searched = 0
            words = [form for word in (TITLE, MINUTES, SECRET, AMOUNT, *NAMES, "correct horse") for form in forms(word)]
            for path in stage.folder.rglob("*"):
                if not path.is_file() or path == stage.passphrase:
                    continue
                data = path.read_bytes()
                # The credential that a court hands out names its holder: it is no part of a profile.
                allowed = forms(NAMES[0]) if path.suffix == ".credential" else ()
                for word in words:
                    assert word in allowed or word not in data, f"{path.name} holds a planted word"
                searched += 1
            assert searched >= 10, searched
            wire = b"".join(bytes(kept) for kept in relay.heard)
            assert len(wire) > 10000, len(wire)
            for word in words:
                assert word not in wire, "the wire holds a planted word"
            # The search finds what is there: a planted copy is found.
            (stage.folder / "z" / "planted").write_text(TITLE, encoding="utf-8")
            assert forms(TITLE)[0] in (stage.folder / "z" / "planted").read_bytes()
        finally:
            for relay in relays:
                relay.close()


def test_who_is_outside_a_caucus_gets_no_change_of_it():
    relays = []
    with Stage() as stage:
        try:
            people, _ = hold_a_case(stage, relays)
            until(lambda: people[2].say("sync", "status")["unsent"] == 0, "all is quiet")
            before = people[2].say("case", "inspect")["items"]
            spaces = [item["space"] for item in before]
            caucus = [s["space"] for s in people[0].say("space", "list")["items"]
                      if s["kind"] == "caucus" and NAMES[1] in s["members"]]
            assert len(caucus) == 1 and caucus[0] not in spaces, (caucus, spaces)
            for number in range(20):
                people[0].say("space", "post", f"{SECRET}{number}", "--space", caucus[0], "--level", "keep")
            until(lambda: len(people[1].say("space", "read", "--space", "caucus")["items"]) == 20, "the other side has all")
            after = people[2].say("case", "inspect")["items"]
            assert after == before, (before, after)
        finally:
            for relay in relays:
                relay.close()


if __name__ == "__main__":
    main(__name__)
