#!/usr/bin/python3
"""What bad input gets at the command line: one clear line, the exit status of the contract, the state unchanged."""
import os
import subprocess
import time

from person import CTL, Refused, Stage, main


def refused(stage, profile, words, status, code, **more):
    got, out, fault = stage.run(profile, *words, **more)
    assert got == status, f"{words}: exit {got}, wanted {status}: {fault!r}"
    assert len(fault.strip().split("\n")) == 1, f"{words}: {fault!r} is not one line"
    if code is not None:
        assert out["error"]["code"] == code, f"{words}: {out}"


def with_case(stage):
    stage.make_court()
    stage.make_person("w", "王", "mediator")
    stage.must("w", "case", "new", "--title", "相邻关系")
    return stage.must("w", "doc", "new", "--kind", "minutes", "--title", "笔录")["doc"]


def test_words_that_are_none():
    with Stage() as stage:
        stage.make_court()
        refused(stage, "court", ["no", "such"], 2, "usage")
        refused(stage, "court", ["case", "new"], 2, "usage")
        refused(stage, "court", ["case", "new", "--title"], 2, "usage")
        refused(stage, "court", ["case", "new", "--title", "a", "b"], 2, "usage")
        done = subprocess.run([str(CTL), b"case", b"\xff\xfe"], capture_output=True, check=False)
        assert done.returncode == 2, done


def test_wrong_passphrase_and_profiles_that_are_none():
    with Stage() as stage:
        stage.make_court()
        stage.make_person("w", "王")
        wrong = stage.folder / "wrong"
        wrong.write_text("something else\n", encoding="utf-8")
        refused(stage, "w", ["profile", "show"], 1, "wrong-key", passphrase=wrong)
        refused(stage, "nobody", ["profile", "show"], 1, "not-found")
        (stage.folder / "foreign").mkdir()
        (stage.folder / "foreign" / "key").write_bytes(b"not a key file")
        refused(stage, "foreign", ["profile", "show"], 1, None)
        refused(stage, "w", ["profile", "init", "--name", "again", "--kdf", "interactive"], 1, "used")
        stage.must("w", "profile", "check")


def test_a_profile_in_use():
    with Stage() as stage:
        stage.make_court()
        stage.make_person("w", "王")
        person = stage.batch("w")
        person.say("profile", "show")
        refused(stage, "w", ["profile", "show"], 1, "busy")


def test_a_newer_format_is_said_in_one_line():
    with Stage() as stage:
        stage.make_court()
        stage.make_person("w", "王")
        key = stage.folder / "w" / "key"
        data = bytearray(key.read_bytes())
        changed = 0
        for at in range(min(16, len(data))):
            one = bytearray(data)
            one[at] ^= 0x40
            key.write_bytes(one)
            status, _, fault = stage.run("w", "profile", "show")
            assert status == 1 and len(fault.strip().split("\n")) == 1, (at, status, fault)
            changed += 1
        key.write_bytes(data)
        stage.must("w", "profile", "check")
        assert changed > 0


def test_what_is_refused_leaves_the_state():
    with Stage() as stage:
        doc = with_case(stage)
        stage.must("w", "doc", "edit", doc, "--insert", "调解")
        before = stage.must("w", "case", "state-hash")
        refused(stage, "w", ["doc", "edit", doc, "--at", "3", "--insert", "x"], 1, None)
        refused(stage, "w", ["doc", "edit", doc, "--at", "0", "--delete", "3"], 1, None)
        refused(stage, "w", ["doc", "edit", doc, "--at", "-1", "--insert", "x"], 2, "usage")
        refused(stage, "w", ["doc", "edit", "ffffffff", "--insert", "x"], 1, "not-found")
        refused(stage, "w", ["doc", "new", "--kind", "novel", "--title", "x"], 2, "usage")
        refused(stage, "w", ["case", "set", "", "x"], 1, None)
        refused(stage, "w", ["case", "set", "f" * 300, "x"], 1, None)
        refused(stage, "w", ["case", "set", "amount", "x" * 5000], 1, None)
        refused(stage, "w", ["space", "post", "x" * 20000], 1, None)
        refused(stage, "w", ["space", "read", "--space", "caucus:谁"], 1, "not-for-you")
        refused(stage, "w", ["conflict", "resolve", "amount", "5"], 1, "not-found")
        refused(stage, "w", ["invite", "create", "--role", "judge", "--name", "x"], 2, "usage")
        refused(stage, "w", ["invite", "create", "--role", "party", "--name", "x", "--expires", "soon"], 2, "usage")
        refused(stage, "w", ["bundle", "export", "--to", "nobody", "-o", str(stage.folder / "b")], 1, "not-found")
        assert stage.must("w", "case", "state-hash") == before
        stage.must("w", "fsck")


def test_links_that_are_none():
    with Stage() as stage:
        stage.make_court()
        stage.make_person("z", "张三")
        for link in ("", "mabei:", "mabei:!!!", "http://127.0.0.1/", "mabei:" + "a" * 3000, "mabei:aaaaaaaaaaaaaaaaaaaaaaaa"):
            status, _, fault = stage.run("z", "invite", "knock", link)
            assert status in (1, 2) and len(fault.strip().split("\n")) == 1, (link[:30], status, fault)


def test_an_expired_link():
    with Stage() as stage:
        with_case(stage)
        stage.make_person("z", "张三")
        refused(stage, "w", ["invite", "create", "--role", "party", "--name", "张三", "--expires", "2020-01-01T00:00:00Z"], 2, "usage")
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3))
        link = stage.must("w", "invite", "create", "--role", "party", "--name", "张三", "--expires", soon)["link"]
        time.sleep(4)
        refused(stage, "z", ["invite", "knock", link], 1, "expired")


def test_an_answered_edit_survives_a_kill():
    with Stage() as stage:
        doc = with_case(stage)
        said = []
        for number in range(12):
            person = stage.batch("w")
            for part in range(number % 3 + 1):
                word = f"〔{number}.{part}〕"
                person.say("doc", "edit", doc, "--at", "0", "--insert", word)
                said.append(word)
            person.kill()
            text = stage.must("w", "doc", "show", doc)["text"]
            assert all(word in text for word in said), (number, text)
        stage.must("w", "fsck")


def test_an_idle_exchange_brings_nothing_again():
    with Stage() as stage:
        with_case(stage)
        stage.make_person("z", "张三")
        mediator, party = stage.batch("w"), stage.batch("z")
        stage.admit(mediator, party, "张三")
        mediator.end()
        party.end()
        for profile in ("w", "z"):
            stage.must(profile, "sync", "now")
            sizes = [stage.must(profile, "sync", "now")["bytes_in"] for _ in range(3)]
            assert max(sizes) - min(sizes) < 1200 and max(sizes) < 60000, (profile, sizes)


def test_offline_holds_until_online():
    with Stage() as stage:
        with_case(stage)
        stage.must("w", "sync", "offline")
        refused(stage, "w", ["sync", "now", "--timeout-ms", "1500"], 5, "no-peer")
        stage.must("w", "sync", "online")
        assert stage.must("w", "sync", "now")["connected"] is True


def test_names_and_titles_are_lines():
    with Stage() as stage:
        with_case(stage)
        before = stage.must("w", "case", "state-hash")
        for words in (["case", "new", "--title", ""], ["case", "new", "--title", " "], ["case", "set", "title", ""],
                      ["doc", "new", "--kind", "minutes", "--title", "a\nb"],
                      ["invite", "create", "--role", "party", "--name", ""]):
            refused(stage, "w", words, 2, "usage")
        refused(stage, "x", ["profile", "init", "--name", "new\nline", "--kdf", "interactive"], 2, "usage")
        assert stage.must("w", "case", "state-hash") == before


def test_a_party_does_what_only_a_mediator_may():
    with Stage() as stage:
        with_case(stage)
        stage.make_person("z", "张三")
        mediator, party = stage.batch("w"), stage.batch("z")
        stage.admit(mediator, party, "张三")
        before = party.say("case", "state-hash")
        for words in (["invite", "create", "--role", "party", "--name", "x"], ["session", "open", "--source", "none"],
                      ["case", "new", "--title", "x"]):
            try:
                party.say(*words)
                raise AssertionError(f"{words} was done")
            except Refused as fault:
                assert fault.code == "not-allowed", fault
        assert party.say("case", "state-hash") == before


def test_a_link_used_twice():
    with Stage() as stage:
        with_case(stage)
        stage.make_person("z", "张三")
        stage.make_person("l", "李四")
        mediator, first, second = stage.batch("w"), stage.batch("z"), stage.batch("l")
        link = stage.admit(mediator, first, "张三")
        try:
            second.say("invite", "knock", link)
        except Refused:
            pass
        knocks = mediator.say("invite", "list")["items"]
        assert len([k for k in knocks if k["state"] == "admitted"]) == 1, knocks
        assert second.say("case", "list")["items"] == []


def test_bundles_that_are_damaged_or_foreign():
    with Stage() as stage:
        doc = with_case(stage)
        stage.make_person("z", "张三")
        stage.make_person("l", "李四")
        mediator, party = stage.batch("w"), stage.batch("z")
        stage.admit(mediator, party, "张三")
        party.say("sync", "offline")
        mediator.say("doc", "edit", doc, "--insert", "只在优盘上。")
        path = stage.folder / "stick"
        mediator.say("bundle", "export", "--to", "张三", "-o", str(path))
        before = party.say("case", "state-hash")
        whole = path.read_bytes()
        bad = stage.folder / "bad"
        step = max(1, len(whole) // 60)
        for at in range(0, len(whole), step):
            for data in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]):
                bad.write_bytes(data)
                try:
                    party.say("bundle", "import", str(bad))
                    raise AssertionError(f"damage at {at} went unnoticed")
                except Refused as fault:
                    assert fault.code in ("damaged", "format", "not-for-you"), fault
        bad.write_bytes(os.urandom(4096))
        refused(stage, "l", ["bundle", "import", str(bad)], 1, None)
        refused(stage, "l", ["bundle", "import", str(path)], 1, "not-for-you")
        assert party.say("case", "state-hash") == before
        assert party.say("bundle", "import", str(path))["new"] > 0
        assert party.say("bundle", "import", str(path))["new"] == 0


def test_batch_goes_on_after_bad_lines():
    with Stage() as stage:
        stage.make_court()
        stage.make_person("w", "王")
        person = stage.batch("w")
        for line in (b"'open quote", b"\xff\xfe", b"no such thing", b"case new", b"x" * (2 * 1024 * 1024), b"profile \\"):
            try:
                person.say_line(line)
                raise AssertionError(line[:20])
            except Refused as fault:
                assert fault.code in ("usage", "too-large"), fault
        assert person.say("profile", "show")["name"] == "王"


def test_no_hub_is_exit_5():
    with Stage() as stage:
        with_case(stage)
        stage.stop_hub()
        status, out, _ = stage.run("w", "sync", "now", "--timeout-ms", "1500")
        assert status == 5 and out["error"]["code"] == "no-peer", (status, out)


if __name__ == "__main__":
    main(__name__)
