"""walk_qr.py PROGRAM LANGUAGE: the invitation's QR code on a picture of the window reads back as the link."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from atspi import Dummy, skip_without_locale

WORDS = {"en": ("Name, as on the identity card", "Make the invitation"), "zh": ("姓名（与身份证一致）", "生成邀请")}
LINK = "mabei:join#AQ3K7F2QX9M4ZT6W8PL5R1CV0BNDYHJG7F3K2QX9M4ZT6W8PL5R1CV0BNDYHJGE6S"


def main():
    program, language = sys.argv[1:3]
    skip_without_locale(language)
    if shutil.which("zbarimg") is None:
        print("SKIP zbarimg is not installed")
        sys.exit(77)
    name, make = WORDS[language]
    picture = os.path.join(os.environ["XDG_RUNTIME_DIR"], "invite.png")
    for arguments in (["--size", "360x720"], ["--size", "1000x700", "--dark"]):
        dummy = Dummy(program, language, *arguments)
        dummy.do("show invite c1")
        dummy.do(f"fill {name}=赵敏")
        dummy.do(f"press {make}")
        dummy.do("wait 400")
        dummy.do(f"shot {picture}")
        read = subprocess.run(["zbarimg", "-q", "--raw", picture], capture_output=True, text=True).stdout.strip()
        print(arguments, read)
        if read != LINK:
            sys.exit("the QR code does not say the link")
        dummy.close()


main()
