"""walk_compose.py PROGRAM LANGUAGE: a character is composed by keys (Ctrl+Shift+U 8c03 for 调) while others write; the
composition arrives whole, and Ctrl+Z takes back one's own change only."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from atspi import Dummy, skip_without_locale, wait_for


def key(*names):
    subprocess.run(["xdotool", "key", "--clearmodifiers", "--delay", "30", *names], check=True)


def settle(dummy):
    dummy.do("wait 250")
    dummy.ask("last")


def begin(dummy, text, caret):
    """The document holds exactly @text, the caret stands at @caret and has the keyboard."""
    dummy.do(f"remote 0 {dummy.ask('chars')} {text}")
    dummy.do("focus-minutes")
    dummy.ask(f"caret {caret}")
    settle(dummy)
    assert dummy.ask("text") == f"same {text}", dummy.ask("text")


def main():
    program, language = sys.argv[1:3]
    skip_without_locale(language)
    dummy = Dummy(program, language, "--size", "1000x700")
    dummy.do("show minutes c1")
    settle(dummy)
    cases = [
        # what the others do in mid-composition, the caret before it, the text after it
        ("remote 0 0 远端", 2, "远端甲乙调丙丁"),
        ("remote 0 1", 2, "乙调丙丁"),
        ("remote 2 0 远端", 2, "甲乙调远端丙丁"),
        ("remote 1 2", 2, "甲调丁"),
        ("remote 4 0 远端", 2, "甲乙调丙丁远端"),
    ]
    for edit, caret, wanted in cases:
        begin(dummy, "甲乙丙丁", caret)
        key("ctrl+shift+u", "8", "c")
        settle(dummy)
        dummy.do(edit)
        settle(dummy)
        key("0", "3", "space")
        wait_for(lambda: dummy.ask("text") == f"same {wanted}", f"{wanted!r} after {edit!r}: {dummy.ask('text')!r}")
        print(edit, "->", wanted)
    begin(dummy, "甲乙丙丁", 2)
    key("x")
    dummy.do("remote 0 0 远端")
    settle(dummy)
    key("ctrl+z")
    wait_for(lambda: dummy.ask("text") == "same 远端甲乙丙丁", "undo of one's own letter")
    key("ctrl+z")
    settle(dummy)
    if "远端" not in dummy.ask("text"):
        sys.exit("Ctrl+Z took back the other person's work")
    dummy.close()


main()
