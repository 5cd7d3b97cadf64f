"""walk_keyboard.py PROGRAM LANGUAGE: from the list of cases into a running mediation by the keyboard alone, and into
its minutes; counts the keys."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pyatspi
from atspi import Dummy, skip_without_locale, wait_for

KEYS_MAX = 60
NAMES = {"en": {"go": "Go to the mediation", "join": "Join"}, "zh": {"go": "进入调解", "join": "加入"}}
keys = 0


def press(*names):
    global keys
    for name in names:
        subprocess.run(["xdotool", "key", "--clearmodifiers", name], check=True)
        keys += 1


def focused(dummy):
    for node in dummy.nodes():
        try:
            if node.getState().contains(pyatspi.STATE_FOCUSED) and node.getRole() != pyatspi.ROLE_FRAME:
                return node.name
        except Exception:
            continue
    return None


def tab_to(dummy, wanted):
    for _ in range(30):
        name = focused(dummy)
        if name is not None and wanted in name:
            return
        press("Tab")
        dummy.do("wait 60")
        dummy.ask("last")
    sys.exit(f"the keyboard does not reach {wanted!r}; it stands on {focused(dummy)!r}")


def main():
    program, language = sys.argv[1:3]
    skip_without_locale(language)
    names = NAMES[language]
    dummy = Dummy(program, language, "--size", "1000x700")
    dummy.do("scene lobby")
    dummy.do("show cases")
    dummy.do("wait 400")
    dummy.ask("last")
    tab_to(dummy, "李四" if language == "zh" else "Li Si")
    press("Return")
    tab_to(dummy, names["go"])
    press("Return")
    dummy.do("wait 300")
    dummy.ask("last")
    tab_to(dummy, names["join"])
    press("Return")
    wait_for(lambda: dummy.ask("last").startswith("session join"), "the command 'session join'")
    press("ctrl+m")  # the minutes have the keyboard now
    dummy.do("wait 300")
    before = int(dummy.ask("chars"))
    subprocess.run(["xdotool", "type", "--delay", "20", "ok"], check=True)
    wait_for(lambda: int(dummy.ask("chars")) == before + 2, "the typed text")
    press("Tab")  # leaves the text: no trap
    dummy.do("wait 100")
    dummy.ask("last")
    print(f"{keys} keys")
    if keys > KEYS_MAX:
        sys.exit("too many keys")
    dummy.close()


main()
