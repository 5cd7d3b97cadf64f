"""walk_names.py PROGRAM LANGUAGE: every control of every page has a human name; in Chinese no English word is left."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pyatspi
from atspi import Dummy, skip_without_locale

PLACES = [("calm", "cases"), ("start", "conflict"), ("knock", "overview"), ("offline", "overview"), ("calm", "session"),
          ("lobby", "session"), ("joint", "session"), ("asked", "session"), ("waiting", "session"),
          ("caucus", "session"), ("joint", "minutes"), ("start", "minutes"), ("calm", "messages"),
          ("offline", "people"), ("calm", "invite"), ("knock", "admit"), ("joint", "move"), ("own-knock", "join"),
          ("calm", "join"), ("calm", "new-case")]
INTERACTIVE = {pyatspi.ROLE_PUSH_BUTTON, pyatspi.ROLE_TOGGLE_BUTTON, pyatspi.ROLE_CHECK_BOX,
               pyatspi.ROLE_RADIO_BUTTON, pyatspi.ROLE_ENTRY, pyatspi.ROLE_TEXT, pyatspi.ROLE_PASSWORD_TEXT,
               pyatspi.ROLE_LIST_ITEM, pyatspi.ROLE_LINK, pyatspi.ROLE_MENU_ITEM, pyatspi.ROLE_PAGE_TAB,
               pyatspi.ROLE_COMBO_BOX, pyatspi.ROLE_SLIDER, pyatspi.ROLE_FRAME}
SILENT = {pyatspi.ROLE_APPLICATION, pyatspi.ROLE_FILLER, pyatspi.ROLE_PANEL, pyatspi.ROLE_SCROLL_BAR}
TYPE_NAME = re.compile(r"^(Gtk|Adw|Mabei[A-Z])")
ENGLISH = re.compile(r"[A-Za-z]{4,}")
# The invitation link is not language; GTK's own words come from GTK's translation.
ALLOWED = re.compile(r"mabei:join#[A-Z0-9]+|GPL|Ctrl|Alt|Escape|https?://\S+")


def interactive(node):
    """What the keyboard can reach or a person can press."""
    if node.getRole() not in INTERACTIVE:
        return False
    if node.getRole() == pyatspi.ROLE_FRAME:
        return True
    return node.getState().contains(pyatspi.STATE_FOCUSABLE) or node.getRole() == pyatspi.ROLE_LIST_ITEM


def check(dummy, where, language, bad):
    nodes = dummy.nodes()
    for node in nodes:
        name = (node.name or "").strip()
        if interactive(node) and (not name or TYPE_NAME.match(name)):
            bad.add(f"{where}: {node.getRoleName()} named {name!r}, in {node.parent.name!r}")
        # Boxes have no name; GTK 4.8 then gives that of their type, which is not said to anybody.
        spoken = node.getRole() not in SILENT and not (TYPE_NAME.match(name) and not interactive(node))
        if language == "zh" and spoken and ENGLISH.search(ALLOWED.sub("", name)):
            bad.add(f"{where}: {node.getRoleName()} still says {name!r}")
    return len(nodes)


def main():
    program, language = sys.argv[1:3]
    skip_without_locale(language)
    bad, seen = set(), 0
    # The bus needs a millisecond for each of some thousand nodes: every page narrow, the main ones wide.
    for size, step in (("360x720", 1), ("1000x700", 6)):
        dummy = Dummy(program, language, "--size", size)
        for scene, page in PLACES[::step]:
            dummy.do(f"scene {scene}")
            dummy.do(f"show {page}" + ("" if page in ("cases", "join") else " c1"))
            dummy.do("wait 300")
            dummy.ask("last")  # answered only after the wait
            seen += check(dummy, f"{page} in {scene} at {size}", language, bad)
        dummy.close()
    for arguments in (("--unlock",), ("--first",)):
        dummy = Dummy(program, language, *arguments)
        seen += check(dummy, arguments[0], language, bad)
        dummy.close()
    print(f"{seen} nodes")
    for line in sorted(bad):
        print(line)
    if bad or seen < 500:
        sys.exit(1)


main()
