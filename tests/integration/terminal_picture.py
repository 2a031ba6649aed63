#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draw the screen of a terminal (terminal-NAME.ansi of the tests) as a small SVG.

usage: terminal_picture.py FILE.ansi >FILE.svg
"""

import html
import re
import sys

COLUMN, LINE, MARGIN, SIZE = 8.0, 18, 16, 13.3  # pixels; a monospaced letter is 0.6 of its size
BACK, TEXT, SOFT = "#16181d", "#d7dae0", "#8b929e"
COLOURS = {31: "#ff7b72", 32: "#7fd88f", 33: "#e5c07b", 35: "#d2a8ff", 36: "#5fd0e0"}
SEQUENCE = re.compile(r"\x1b\[([\d;]*)m")
WIDE_BLANK = re.compile(r"( {2,})")


class Style:
    """What the sequences so far have set."""

    def __init__(self):
        self.colour, self.is_dim, self.is_bold = None, False, False

    def apply(self, codes):
        for code in (int(word or 0) for word in codes.split(";")):
            if code == 0:
                self.__init__()
            elif code == 1:
                self.is_bold = True
            elif code == 2:
                self.is_dim = True
            elif code == 22:
                self.is_bold = self.is_dim = False
            elif code == 39:
                self.colour = None
            elif code in COLOURS:
                self.colour = code
            elif code != 49:
                raise ValueError("a sequence that is not known here: %d" % code)

    def attributes(self):
        fill = COLOURS.get(self.colour) or (SOFT if self.is_dim else None)
        return ((' fill="%s"' % fill if fill else "") +
                (' font-weight="bold"' if self.is_bold else ""))


def runs(text):
    """Rows of [(column, text, attributes)]; what is blank is left out."""
    style, rows = Style(), []
    for line in text.rstrip("\n").split("\n"):
        row, column = [], 0
        pieces = SEQUENCE.split(line)
        for number, piece in enumerate(pieces):
            if number % 2:
                style.apply(piece)
                continue
            for word in WIDE_BLANK.split(piece):  # SVG makes one blank of several
                if word.strip():
                    row.append((column, word, style.attributes()))
                column += len(word)
        rows.append(row)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def draw(text):
    rows = runs(text)
    columns = max(column + len(piece.rstrip()) for row in rows for column, piece, _ in row)
    width, height = columns * COLUMN + 2 * MARGIN, len(rows) * LINE + 2 * MARGIN
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">' % (
            width, height, width, height),
        '<rect width="100%%" height="100%%" rx="8" fill="%s"/>' % BACK,
        '<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,\'DejaVu Sans Mono\',monospace" '
        'font-size="%s" fill="%s">' % (SIZE, TEXT)]
    for number, row in enumerate(rows):
        for column, piece, attributes in row:
            column += len(piece) - len(piece.lstrip())
            piece = piece.strip()
            lines.append('<text x="%g" y="%d" textLength="%g"%s>%s</text>' % (
                MARGIN + column * COLUMN, MARGIN + number * LINE + 13, len(piece) * COLUMN,
                attributes, html.escape(piece, False)))
    return "\n".join(lines + ["</g>", "</svg>"]) + "\n"


def text_of(picture):
    """The pieces of text of a picture that was drawn here, in their order."""
    return [html.unescape(piece) for piece in re.findall(r"<text [^>]*>([^<]*)</text>", picture)]


def main():
    with open(sys.argv[1]) as file:
        sys.stdout.write(draw(file.read()))


if __name__ == "__main__":
    main()
