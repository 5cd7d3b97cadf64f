#!/usr/bin/python3
"""The style of the house as a test (core of it: architecture and quality rules that a machine can check).

tidy.py CHECK ROOT, CHECK one of:
sizes, includes, rooms, words, format, symbols (ROOT is then the build folder).
Prints every finding as file:line: what, and exits 1 if any.
"""
import pathlib
import re
import subprocess
import sys

TOP = ("core", "sync", "ui", "app", "tests")
SOURCE = (".c", ".h")
LIMITS = {"file": 600, "function": 70, "line": 120, "header": 150}

# What a room may include, by its path; the longest prefix wins. Own room is always allowed.
ALLOWED = {
    "core/base": (),
    "core/crypto": ("core/base",),
    "core/change": ("core/base", "core/crypto"),
    "core/crdt": ("core/base",),
    "core/authority": ("core/base", "core/crypto", "core/change"),
    "core/case": ("core/base", "core/crypto", "core/change", "core/crdt", "core/authority"),
    "core/store": ("core/base", "core/crypto", "core/change", "core/crdt", "core/authority", "core/case"),
    "core/view": ("core/base", "core/crypto", "core/change", "core/crdt", "core/authority", "core/case", "core/store"),
    "sync/peer": ("core",),
    "sync/invite": ("core/base", "core/crypto", "core/change", "core/authority"),
    "sync/hub": ("core/base", "core/crypto", "core/authority", "core/change", "sync/peer/frame.h", "sync/peer/proof.h"),
    "sync/carrier": ("core", "sync/peer"),
    "ui": ("core/view/view.h", "ui"),
    "app": ("core", "sync", "ui", "app"),
    "tests": ("core", "sync", "ui", "app", "tests"),
}
# Libraries by room: what is not named here may not appear in an #include <...>.
FOREIGN = {
    "core": ("glib.h", "glib-object.h", "glib/", "sodium.h", "sqlite3.h"),
    "sync/peer": ("glib.h", "sodium.h"),
    "sync/invite": ("glib.h", "sodium.h"),
    "sync/carrier": ("glib.h", "gio/", "sodium.h", "libsoup/", "glib/"),
    "sync/hub": ("glib.h", "gio/", "sodium.h", "libsoup/", "sqlite3.h", "glib/"),
    "ui": ("gtk/", "adwaita.h", "glib", "gio/", "gdk", "qrencode.h", "gsk/", "graphene", "libintl.h"),
}
NEVER = {  # only this room may name it
    "gst/": ("app/call", "tests/unit/app/call", "tests/bench"),
    "sqlite3.h": ("core/store", "sync/hub", "tests"),
    "libsoup/": ("sync/carrier", "sync/hub", "tests"),
}
STANDARD = re.compile(r"^(std\w+|string|errno|fcntl|unistd|signal|locale|limits|math|time|sys/\w+|ctype|inttypes|float|arpa/inet|"
                      r"netinet/\w+|sched|poll|dirent|assert|linux/\w+|net/if|setjmp|malloc|getopt|termios|grp|pwd|glob)\.h$")


def files(root, suffixes=SOURCE):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=False)
    names = listed.stdout.split("\n") if listed.returncode == 0 else [str(p.relative_to(root)) for p in pathlib.Path(root).rglob("*")]
    for name in sorted(set(names)):
        path = pathlib.Path(root, name)
        if name.startswith(TOP) and path.suffix in suffixes and path.is_file():
            yield name, path


def longest(table, name):
    best = [key for key in table if name == key or name.startswith(key + "/")]
    return max(best, key=len) if best else None


def check_sizes(root):
    for name, path in files(root, (".c", ".h", ".py")):
        lines = path.read_text(encoding="utf-8").split("\n")
        if len(lines) - 1 > LIMITS["file"]:
            yield f"{name}:1: {len(lines) - 1} lines, at most {LIMITS['file']}: which noun wants a file of its own?"
        if path.suffix == ".h" and len(lines) - 1 > LIMITS["header"]:
            yield f"{name}:1: header of {len(lines) - 1} lines, at most {LIMITS['header']}"
        start = None
        for number, line in enumerate(lines, 1):
            width = sum(2 if ord(c) > 0x2e80 else 1 for c in line)
            if path.suffix != ".py" and width > LIMITS["line"] + 4 or path.suffix == ".py" and width > 140:
                yield f"{name}:{number}: line of {width} columns, at most {LIMITS['line']}"
            if path.suffix == ".c":
                if line == "{":
                    start = number
                elif line == "}" and start:
                    if number - start - 1 > LIMITS["function"]:
                        yield f"{name}:{start}: function of {number - start - 1} lines, at most {LIMITS['function']}"
                    start = None


def check_includes(root):
    for name, path in files(root):
        room = longest(ALLOWED, name)
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            own = re.match(r'#include "([^"]+)"', line)
            if own and room:
                target = own.group(1)
                if not re.match(r"(core|sync|ui|app|tests)/", target):
                    made = target in ("config.h", "mabei-version.h")
                    if not made and not (path.parent / target).exists() and not target.endswith("-resources.h"):
                        yield f"{name}:{number}: include from the root, not {target}"
                    continue
                if target.startswith(room + "/"):
                    continue
                if not any(target == a or target.startswith(a + "/") for a in ALLOWED[room]):
                    yield f"{name}:{number}: {room} may not include {target}"
            system = re.match(r"#include <([^>]+)>", line)
            if system:
                target = system.group(1)
                key = longest(FOREIGN, name)
                if key and not STANDARD.match(target) and not target.startswith(FOREIGN[key]):
                    yield f"{name}:{number}: {key} may not include <{target}>"
                for word, rooms in NEVER.items():
                    if target.startswith(word) and not name.startswith(rooms):
                        yield f"{name}:{number}: only {', '.join(rooms)} may include <{target}>"


def check_rooms(root):
    meson = {}
    for path in pathlib.Path(root).rglob("meson.build"):
        if "_build" not in path.parts and not any(part.startswith("build") for part in path.relative_to(root).parts):
            meson[str(path.parent.relative_to(root))] = path.read_text(encoding="utf-8")
    rooms = set()
    for name, path in files(root, (".c", ".h", ".py", ".ui")):
        parts = name.split("/")
        if len(parts) > 2 and parts[0] != "tests":
            rooms.add("/".join(parts[:2]))
        elif len(parts) > 2:
            rooms.add("/".join(parts[:2]))
        if path.suffix == ".c":
            folder = str(path.parent.relative_to(root))
            text = "\n".join(t for f, t in meson.items() if folder == f or folder.startswith(f + "/"))
            stem = path.stem
            short = re.sub(r"^test_|_(fuzz|test)$", "", stem)
            if path.name not in text and f"'{stem}'" not in text and f"'{short}'" not in text:
                yield f"{name}:1: built by no meson.build"
    for room in sorted(rooms | {"core", "sync", "ui", "app", "tests"}):
        if not (pathlib.Path(root) / room / "README.md").exists():
            yield f"{room}:1: a room without README.md at its door"


def check_words(root):
    bad = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b|not imple" r"mented|(?<!\w)/(wor" r"k|roo" r"t|home/\w+)/")
    hosts = re.compile(r"registry\.np" r"mjs|deb\.debian\.org|snapshot\.debian")
    for name, path in files(root, (".c", ".h", ".py", ".md", ".ui", ".build", ".sh", ".json", ".po")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if bad.search(line) or hosts.search(line):
                yield f"{name}:{number}: {line.strip()[:80]}"


def check_format(root):
    names = [str(path) for _, path in files(root)]
    command = ["clang-format", "--dry-run", "-Werror", "--ferror-limit=1", *names]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in result.stderr.split("\n"):
        if "error:" in line:
            yield line.replace(root + "/", "")


def check_symbols(build):
    """What the compiled archives name: no window, pipeline, socket or main loop in the core; no global symbol defined twice."""
    outside = re.compile(r"^(gtk_|gst_|soup_|g_socket_|g_main_)")
    owners = {}
    archives = sorted(p for top in ("core", "sync", "ui", "app") for p in pathlib.Path(build, top).rglob("*.a"))
    if not any(p.relative_to(build).parts[0] == "core" for p in archives):
        yield f"{build}: no library of the core to look at"
    for path in archives:
        name = str(path.relative_to(build))
        listed = subprocess.run(["nm", "-g", "-P", str(path)], capture_output=True, text=True, check=True)
        for line in listed.stdout.split("\n"):
            words = line.split()
            if len(words) < 2 or len(words[1]) != 1:
                continue
            symbol, kind = words[:2]
            if name.startswith("core/") and outside.match(symbol):
                yield f"{name}: the core may not name {symbol}"
            if kind in "TDBRC":
                owners.setdefault(symbol, []).append(name)
    for symbol, names in sorted(owners.items()):
        if len(names) > 1:
            yield f"{names[0]}: {symbol} is defined again in {', '.join(names[1:])}"


def main() -> int:
    check, root = sys.argv[1], sys.argv[2]
    found = list(globals()["check_" + check](root))
    for line in found:
        print(line)
    print(f"{check}: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
