#!/usr/bin/python3
"""Two mabei-call-probe talk through this script: in two network namespaces joined by a cable where root can make them, else over
loopback.  test_probe.py PROBE
"""
import json
import math
import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import wave

PROBE = sys.argv[1]
PATIENCE = 120  # seconds until a condition that does not come fails the test
FALSE = ":".join(["AB"] * 32)


class Cable:
    """Two namespaces and a veth pair; without the right to make them, loopback."""

    def __init__(self):
        self.names = [f"mabei-probe-{os.getpid()}-{side}" for side in "ab"]
        self.real = False

    def __enter__(self):
        steps = [f"netns add {name}" for name in self.names]
        a, b = self.names
        steps.append(f"link add mbp{os.getpid() % 100000}a netns {a} type veth peer name mbp{os.getpid() % 100000}b netns {b}")
        for name, side, address in ((a, "a", "10.77.0.1"), (b, "b", "10.77.0.2")):
            link = f"mbp{os.getpid() % 100000}{side}"
            steps += [f"-n {name} address add {address}/24 dev {link}", f"-n {name} link set {link} up", f"-n {name} link set lo up"]
        try:
            self.real = all(subprocess.run(["ip"] + step.split(), capture_output=True, check=False).returncode == 0 for step in steps)
        except FileNotFoundError:
            self.real = False
        if self.real:
            self.wait_until_up()
        else:
            self.__exit__()
        return self

    def wait_until_up(self):
        """A cable that was just plugged in has no signal for a moment, and its addresses are not gathered then."""
        until = time.monotonic() + PATIENCE
        for name in self.names:
            def state(namespace=name):
                command = ["ip", "-n", namespace, "-br", "link", "show", "type", "veth"]
                return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()[1:2]

            while state() != ["UP"]:
                assert time.monotonic() < until, "the cable stays dead"
                time.sleep(0.05)

    def __exit__(self, *_):
        for name in self.names:
            try:
                subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)
            except FileNotFoundError:
                pass

    def command(self, side, options):
        if self.real:
            return ["ip", "netns", "exec", self.names[side], PROBE] + options
        return [PROBE, "--loopback"] + options


class Probe:
    """One probe; what it says is kept by type and handed to the other one."""

    def __init__(self, command, change=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.said, self.other, self.change, self.lock = [], None, change, threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.errors = threading.Thread(target=self.process.stderr.read, daemon=True)

    def start(self):
        self.reader.start()
        self.errors.start()

    def read(self):
        for line in self.process.stdout:
            message = json.loads(line)
            with self.lock:
                self.said.append(message)
                self.lock.notify_all()
            if self.other and message["type"] in ("offer", "answer", "ice"):
                for out in self.change(message) if self.change else [message]:
                    self.other.tell(out)
        with self.lock:
            self.lock.notify_all()

    def tell(self, message):
        try:
            self.process.stdin.write((message if isinstance(message, bytes) else json.dumps(message).encode()) + b"\n")
            self.process.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass

    def wait_for(self, what, condition):
        until = time.monotonic() + PATIENCE
        with self.lock:
            while not any(condition(message) for message in self.said):
                if not self.lock.wait(timeout=max(0, until - time.monotonic())) or time.monotonic() >= until:
                    raise AssertionError(f"waited in vain: {what}; last: {self.said[-1:]}")

    def of(self, kind):
        with self.lock:
            return [message for message in self.said if message["type"] == kind]

    def end(self):
        self.tell({"type": "end"})
        return self.exit()

    def exit(self):
        code = self.process.wait(timeout=PATIENCE)
        self.reader.join(timeout=PATIENCE)
        return code

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def pair(cable, a_options=(), b_options=(), a_change=None):
    a = Probe(cable.command(0, ["--offer", "--tone", "600", *a_options]), a_change)
    b = Probe(cable.command(1, ["--tone", "900", *b_options]))
    a.other, b.other = b, a
    a.start()
    b.start()
    return a, b


def talks(tone, frames=20):
    return lambda m: m["type"] == "stats" and m["tone_hz"] == tone and m["frames"] >= frames and m["counter"] >= frames


def got_nothing(probe):
    for stats in probe.of("stats"):
        assert stats["frames"] == 0 and stats["audio_samples"] == 0, stats
        assert stats["audio_packets"] == 0 and stats["video_packets"] == 0, stats


def case_two_probes_talk(cable):
    a, b = pair(cable)
    try:
        a.wait_for("b's picture and tone at a", talks(900))
        b.wait_for("a's picture and tone at b", talks(600))
        assert a.of("verified") and b.of("verified")
        assert a.of("stats")[-1]["speech_share"] > 0.5
        assert a.end() == 0 and b.end() == 0
    finally:
        a.kill()
        b.kill()


def case_false_announcement_is_refused(cable):
    a, b = pair(cable, a_options=["--advertise-fingerprint", FALSE])
    try:
        assert b.exit() == 3
        assert b.of("refused") and not b.of("verified")
        got_nothing(b)
        got_nothing(a)
    finally:
        a.kill()
        b.kill()


def case_fingerprint_from_outside(cable):
    """The fingerprint that was agreed elsewhere counts, not the one in the description."""
    a, b = pair(cable, b_options=["--peer-fingerprint", FALSE])
    try:
        assert b.exit() == 3
        got_nothing(b)
    finally:
        a.kill()
        b.kill()


def case_stale_attempts_are_dropped(cable):
    def twice(message):
        stale = dict(message, attempt="another-attempt")
        return [stale, message] if message["type"] == "ice" else [message, dict(message, attempt="later")]

    a, b = pair(cable, a_change=twice)
    try:
        a.wait_for("b's picture and tone at a", talks(900, 3))
        b.wait_for("a's picture and tone at b", talks(600, 3))
        assert a.end() == 0 and b.end() == 0
    finally:
        a.kill()
        b.kill()


def case_a_file_as_source(cable):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "tone.wav")
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(48000)
            out.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(2 * math.pi * 1500 * i / 48000))) for i in range(48000 * 60)))
        a, b = pair(cable, a_options=["--source", str(path)])
        try:
            b.wait_for("the file's tone at b", lambda m: m["type"] == "stats" and m["tone_hz"] == 1500)
            assert a.end() == 0 and b.end() == 0
        finally:
            a.kill()
            b.kill()


def case_without_devices(cable):
    a, b = pair(cable, a_options=["--source", "none"])
    try:
        a.wait_for("b's picture and tone at a", talks(900, 3))
        b.wait_for("silence of a at b", lambda m: m["type"] == "stats" and m["audio_packets"] >= 3 and m["tone_hz"] == 0)
        assert a.end() == 0 and b.end() == 0
    finally:
        a.kill()
        b.kill()


def run(cable, options, data):
    return subprocess.run(cable.command(0, options), input=data, capture_output=True, timeout=PATIENCE, check=False).returncode


def case_bad_input(cable):
    offer = b'{"type":"offer","attempt":"a","sdp":"%s"}\n'
    bad = [
        b"nonsense\n", b"[]\n", b"{}\n", b'{"type":"offer"}\n', b'{"type":"what","attempt":"a"}\n', b'{"type":"offer","attempt":"a"}\n',
        b'{"type":"ice","attempt":"a","media":5,"candidate":"candidate:1"}\n', b'{"type":"answer","attempt":"a"}\n',
        b'{"type":"offer","attempt":"' + b"a" * 65 + b'","sdp":"v=0"}\n', offer % b"v=0", offer % (b"v=0\\r\\n" * 3000),
        b"[" * 5000 + b"\n", b"{" * 70000, b'{"a":"' + b"x" * 70000 + b'"}\n', b"\xff\xfe\n", b"\x00\n",
    ]
    for data in bad:
        assert run(cable, ["--source", "none", "--seconds", "20"], data) == 1, data[:80]
    assert run(cable, ["--source", "none"], b"") == 0  # the end of input ends it
    assert run(cable, ["--source", "none"], b'{"type":"end"}\n') == 0


def case_usage(cable):
    assert run(cable, ["--help"], b"") == 0
    for options in (["--what"], ["word"], ["--peer-fingerprint", "AB"], ["--advertise-fingerprint", FALSE + ":AB"], ["--seconds", "-1"]):
        assert run(cable, options, b"") == 2, options


def case_nobody_there(cable):
    probe = Probe(cable.command(0, ["--offer", "--source", "none", "--seconds", "2"]))
    probe.start()
    try:
        assert probe.exit() == 5
        assert probe.of("offer") and probe.of("end")
    finally:
        probe.kill()


def main():
    only = sys.argv[2:]
    cases = [(name[5:].replace("_", " "), case) for name, case in globals().items()
             if name.startswith("case_") and (not only or name[5:] in only)]
    print(f"1..{len(cases)}")
    failed = 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # a test that is timed out still takes its namespaces away
    with Cable() as cable:
        print("# " + ("two network namespaces" if cable.real else "loopback: no right to make network namespaces"))
        for number, (name, case) in enumerate(cases, 1):
            try:
                case(cable)
                print(f"ok {number} {name}", flush=True)
            except Exception:  # every failure is told, the others still run
                failed += 1
                print(f"not ok {number} {name}", flush=True)
                print("\n".join("# " + line for line in traceback.format_exc().split("\n")), flush=True)
    return 1 if failed else 0


sys.exit(main())
