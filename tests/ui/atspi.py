"""Starts mabei-ui-dummy and reads its window over AT-SPI, as a screen reader would."""
import subprocess
import sys
import time

import pyatspi

# The sub-process of a busy machine may need long; a state that does not come is an error, not a matter of speed.
PATIENCE_S = 40


class Dummy:
    def __init__(self, program, language, *arguments):
        extra = ["--zh"] if language == "zh" else []
        self.process = subprocess.Popen([program, "--story", *extra, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, encoding="utf-8")
        self.application = None
        wait_for(self._find, "the application on the accessibility bus")

    def _find(self):
        desktop = pyatspi.Registry.getDesktop(0)
        for application in desktop:
            if application is not None and application.get_process_id() == self.process.pid and application.childCount:
                self.application = application
                return True
        return False

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n")

    def do(self, line):
        answer = self.ask(line)
        if answer != "ok":
            sys.exit(f"{line}: {answer!r}")

    def nodes(self):
        """All nodes that are visible, with their path of ancestors' roles."""
        found, stack = [], [self.application]
        while stack:
            node = stack.pop()
            try:
                if node is not self.application and not node.getState().contains(pyatspi.STATE_VISIBLE):
                    continue
                found.append(node)
                stack.extend(reversed([child for child in node if child is not None]))
            except Exception:  # a node that went away between two calls
                continue
        return found

    def close(self):
        try:
            self.process.stdin.write("quit\n")
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        code = self.process.wait(PATIENCE_S)
        if code != 0:
            sys.exit(f"the window ended with {code}")


def wait_for(condition, what):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            if condition():
                return
        except Exception:
            pass
        time.sleep(0.05)
    sys.exit(f"waited in vain for {what}")


def skip_without_locale(language):
    """In Chinese only with the real locale: without the sources of glibc's locales there is none."""
    import locale
    try:
        locale.setlocale(locale.LC_ALL, "")
    except locale.Error:
        if language == "zh":
            print("SKIP no zh_CN locale on this machine")
            sys.exit(77)
