"""What the end-to-end tests share: programs of the build tree, a hub, people in processes of their own."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(os.environ.get("MABEI_BUILD_DIR", "_build"))
CTL = BUILD / "app" / "ctl" / "mabeictl"
HUB = BUILD / "app" / "hub" / "mabei-hub"
PATIENCE_S = 60


class Stage:
    """A folder, a court, a hub; everything is gone when it ends, also after a failure."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mabei-e2e-"))
        self.passphrase = self.folder / "passphrase"
        self.passphrase.write_text("correct horse battery staple\n", encoding="utf-8")
        self.hub_process = None
        self.hub_url = None
        self.people = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for person in self.people:
            person.end()
        self.stop_hub()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, profile, *words, passphrase=None, binary=False, timeout=120):
        """One mabeictl; returns (exit status, parsed JSON or text, standard error)."""
        command = [str(CTL), "--profile", str(self.folder / profile), "--passphrase-file",
                   str(passphrase or self.passphrase), "--json", *words]
        done = subprocess.run(command, capture_output=True, timeout=timeout, check=False, stdin=subprocess.DEVNULL)
        out = done.stdout if binary else done.stdout.decode("utf-8")
        try:
            out = json.loads(out)
        except (ValueError, UnicodeDecodeError):
            pass
        return done.returncode, out, done.stderr.decode("utf-8", "replace")

    def must(self, profile, *words):
        status, out, fault = self.run(profile, *words)
        assert status == 0, f"{profile}: {' '.join(words)}: exit {status}: {fault}"
        return out

    def start_hub(self, court_key, store="hub.db", port=0):
        self.hub_process = subprocess.Popen(
            [str(HUB), "run", "--listen", f"127.0.0.1:{port}", "--store", str(self.folder / store), "--court-key", court_key],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        ready = json.loads(self.hub_process.stdout.readline())
        self.hub_url = ready["url"]
        return ready

    def stop_hub(self, how=signal.SIGTERM):
        if self.hub_process is None:
            return
        self.hub_process.send_signal(how)
        self.hub_process.wait(timeout=20)
        self.hub_process.stdout.close()
        self.hub_process = None

    def make_court(self):
        court = self.must("court", "court", "init", "--name", "court", "--kdf", "interactive")
        self.start_hub(court["root_key"])
        self.must("court", "court", "register", "--hub", self.hub_url)
        return court

    def make_person(self, profile, name, role=None):
        made = self.must(profile, "profile", "init", "--name", name, "--kdf", "interactive")
        if role is not None:
            file = self.folder / f"{profile}.credential"
            self.must("court", "court", "staff-add", "--role", role, "--name", name, "--key", made["device_key"],
                      "--may-open-cases", "-o", str(file))
            self.must(profile, "profile", "import-credential", str(file))
        return made

    def batch(self, profile):
        person = Person(self, profile)
        self.people.append(person)
        return person

    def admit(self, mediator, joiner, name):
        """Invitation, knock, equal codes, admission: as people do it."""
        link = mediator.say("invite", "create", "--role", "party", "--name", name)["link"]
        knock = joiner.say("invite", "knock", link)["knock"]
        until(lambda: joiner.say("invite", "code", knock).get("code") is not None
              and joiner.say("invite", "code", knock).get("code") == mediator.say("invite", "code", knock).get("code"),
              "both read the same code")
        mediator.say("invite", "admit", knock)
        until(lambda: len(joiner.say("case", "list")["items"]) > 0, f"{name} has the case")
        return link


class Refused(Exception):
    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class Person:
    """mabeictl --batch of one profile."""

    def __init__(self, stage, profile):
        self.stage = stage
        self.profile = profile
        self.events = []
        command = [str(CTL), "--profile", str(stage.folder / profile), "--passphrase-file", str(stage.passphrase), "--batch"]
        environment = dict(os.environ, MABEI_CALL_LOOPBACK="1")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=environment)

    def say_line(self, line):
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()
        while True:
            answer = self.process.stdout.readline()
            if not answer:
                raise EOFError(f"{self.profile} ended: {self.process.stderr.read().decode('utf-8', 'replace')}")
            answer = json.loads(answer)
            if "event" in answer:
                self.events.append(answer)
                continue
            if "error" in answer:
                raise Refused(answer["error"]["code"], answer["error"]["message"])
            return answer

    def say(self, *words):
        quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
        return self.say_line(quoted.encode("utf-8"))

    def kill(self):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()

    def end(self):
        if self.process.returncode is not None:
            return
        try:
            self.process.stdin.close()
            self.process.wait(timeout=20)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def until(test, what, patience_s=PATIENCE_S):
    end = time.monotonic() + patience_s
    while not test():
        assert time.monotonic() < end, f"not in {patience_s} s: {what}"
        time.sleep(0.15)


def report(tests):
    """Runs functions as TAP; returns the exit status."""
    print(f"1..{len(tests)}")
    failed = 0
    for number, test in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} {test.__name__}", flush=True)
        except Exception as fault:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} {test.__name__}: {type(fault).__name__} {str(fault)[:400]}", flush=True)
    return 1 if failed else 0


def main(module):
    tests = [value for name, value in sorted(vars(sys.modules[module]).items()) if name.startswith("test_")]
    sys.exit(report(tests))
