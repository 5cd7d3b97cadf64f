#!/usr/bin/python3
"""contrast.py STYLE DARK: the text colours of our style on what they stand on, WCAG 2.1 contrast >= 4.5."""
import re
import sys

LIGHT_BASE = {"window_bg_color": "#fafafa", "view_bg_color": "#ffffff", "card_bg_color": "#ffffff",
              "sidebar_selected": "#e4e4e4", "window_fg_color": "#2f2f2f"}
DARK_BASE = {"window_bg_color": "#242424", "view_bg_color": "#1e1e1e", "card_bg_color": "#363636",
             "sidebar_selected": "#3f3f3f", "window_fg_color": "#ffffff"}
PAIRS = [(text, ground) for text in ("quiet_color", "accent_color", "needs_you_color", "private_color")
         for ground in ("window_bg_color", "view_bg_color", "card_bg_color", "sidebar_selected")]
PAIRS += [("accent_fg_color", "accent_bg_color"), ("private_fg_color", "private_bg_color"),
          ("private_color", "private_tint"), ("offline_fg_color", "offline_bg_color"),
          ("notice_fg_color", "notice_bg_color")]


def colours(path):
    return dict(re.findall(r"@define-color (\w+) (#[0-9a-f]{6});", open(path).read()))


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def main():
    light = {**LIGHT_BASE, **colours(sys.argv[1])}
    dark = {**light, **DARK_BASE, **colours(sys.argv[2])}
    bad = 0
    for name, scheme in (("light", light), ("dark", dark)):
        for text, ground in PAIRS:
            value = contrast(scheme[text], scheme[ground])
            print(f"{name}: {text} on {ground}: {value:.2f}")
            bad += value < 4.5
    return 1 if bad else 0


sys.exit(main())
