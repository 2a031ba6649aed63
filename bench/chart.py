# SPDX-License-Identifier: MIT
"""Two kinds of charts as SVG: groups of bars, and lines over a logarithmic axis."""

import math
from xml.sax.saxutils import escape

COLOURS = ("#0b6bcb", "#8a8f98", "#d9730d", "#2e8b57", "#9254c8", "#c2410c", "#64748b")
WIDTH, LEFT, RIGHT, TOP = 860, 76, 16, 84
PLOT_HEIGHT = 300


def nice_ceiling(value):
    """The next of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten."""
    power = 10 ** math.floor(math.log10(value)) if value > 0 else 1
    return next((step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8) if step * power >= value),
                10 * power)


def number(value):
    if value >= 10000:
        return "{:,.0f}".format(value)
    return "%.3g" % value


class Canvas:
    def __init__(self, title, subtitle, height):
        self.parts = [
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" '
            'font-family="system-ui,sans-serif" font-size="12">' % (WIDTH, height, WIDTH, height),
            '<rect width="100%" height="100%" fill="#fff"/>']
        self.text(LEFT, 24, title, size=16, weight="bold")
        self.text(LEFT, 44, subtitle, fill="#555")

    def text(self, x, y, text, size=12, anchor="start", fill="#222", weight="normal", turn=0):
        transform = ' transform="rotate(%d %.1f %.1f)"' % (turn, x, y) if turn else ""
        self.parts.append(
            '<text x="%.1f" y="%.1f" font-size="%d" text-anchor="%s" fill="%s" font-weight="%s"%s>'
            '%s</text>' % (x, y, size, anchor, fill, weight, transform, escape(text)))

    def line(self, x1, y1, x2, y2, colour="#ddd", width=1.0, dash=""):
        self.parts.append(
            '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%.1f"%s/>' % (
                x1, y1, x2, y2, colour, width, ' stroke-dasharray="%s"' % dash if dash else ""))

    def bar(self, x, y, width, height, colour):
        self.parts.append('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>' % (
            x, y, width, height, colour))

    def path(self, points, colour):
        self.parts.append('<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>' % (
            " ".join("%.1f,%.1f" % point for point in points), colour))
        self.parts += ['<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>' % (x, y, colour)
                       for x, y in points]

    def legend(self, names):
        x = LEFT
        for index, name in enumerate(names):
            self.bar(x, 57, 11, 11, COLOURS[index % len(COLOURS)])
            self.text(x + 16, 67, name)
            x += 34 + 6.7 * len(name)

    def scale(self, top, label):
        """Lines across the plot at round values; returns where a value stands."""
        bottom = TOP + PLOT_HEIGHT
        for step in range(6):
            value = top * step / 5
            y = bottom - PLOT_HEIGHT * step / 5
            self.line(LEFT, y, WIDTH - RIGHT, y)
            self.text(LEFT - 8, y + 4, number(value), anchor="end", fill="#555")
        self.text(18, TOP + PLOT_HEIGHT / 2, label, anchor="middle", fill="#555", turn=-90)
        return lambda value: bottom - PLOT_HEIGHT * min(value / top, 1)

    def log_scale(self, low, high, label):
        """The same with a line at each power of ten."""
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        bottom = TOP + PLOT_HEIGHT
        height = PLOT_HEIGHT / (last - first)
        for power in range(first, last + 1):
            y = bottom - (power - first) * height
            self.line(LEFT, y, WIDTH - RIGHT, y)
            self.text(LEFT - 8, y + 4, number(10.0 ** power), anchor="end", fill="#555")
        self.text(18, TOP + PLOT_HEIGHT / 2, label, anchor="middle", fill="#555", turn=-90)
        return lambda value: bottom - (math.log10(value) - first) * height

    def save(self, path):
        with open(path, "w") as file:
            file.write("\n".join(self.parts) + "\n</svg>\n")


def bars(path, title, subtitle, label, groups, mark=None, top=None):
    """@groups: {group: {series: value}}. A dashed line at @mark; bars above @top are cut."""
    series = list(dict.fromkeys(name for row in groups.values() for name in row))
    canvas = Canvas(title, subtitle, TOP + PLOT_HEIGHT + 44)
    canvas.legend(series)
    highest = max(value for row in groups.values() for value in row.values())
    y_of = canvas.scale(top or nice_ceiling(highest * 1.04), label)
    bottom = TOP + PLOT_HEIGHT
    room = (WIDTH - LEFT - RIGHT) / len(groups)
    width = min(room * 0.84 / len(series), 46)
    for index, (group, row) in enumerate(groups.items()):
        middle = LEFT + room * (index + 0.5)
        x = middle - width * len(series) / 2
        for name in series:
            if name in row:
                y = y_of(row[name])
                canvas.bar(x + 1, y, width - 2, bottom - y,
                           COLOURS[series.index(name) % len(COLOURS)])
                canvas.text(x + width / 2, y - 4, number(row[name]), size=10, anchor="middle")
            x += width
        canvas.text(middle, bottom + 18, group, anchor="middle")
    if mark is not None:
        canvas.line(LEFT, y_of(mark), WIDTH - RIGHT, y_of(mark), "#222", 1.2, "5 4")
    canvas.save(path)


def lines(path, title, subtitle, label, x_label, series, is_log=False):
    """@series: {name: [(x, y)]}; x of 0 stands one step left of the smallest."""
    ys = [y for points in series.values() for _, y in points]
    xs = sorted({x for points in series.values() for x, _ in points})
    positive = [x for x in xs if x > 0]
    low = math.log10(positive[0]) - (0.4 if xs[0] == 0 else 0)
    span = max(math.log10(positive[-1]) - low, 0.001)
    canvas = Canvas(title, subtitle, TOP + PLOT_HEIGHT + 52)
    canvas.legend(series)
    y_of = (canvas.log_scale(min(ys), max(ys), label) if is_log else
            canvas.scale(nice_ceiling(max(ys) * 1.04), label))
    bottom = TOP + PLOT_HEIGHT

    def x_of(x):
        share = (math.log10(x) - low) / span if x > 0 else 0
        return LEFT + 14 + (WIDTH - LEFT - RIGHT - 28) * share

    for x in xs:
        canvas.line(x_of(x), bottom, x_of(x), bottom + 4, "#555")
        canvas.text(x_of(x), bottom + 18, number(x), size=11, anchor="middle", fill="#555")
    canvas.text((LEFT + WIDTH) / 2, bottom + 40, x_label, anchor="middle", fill="#555")
    for index, points in enumerate(series.values()):
        canvas.path([(x_of(x), y_of(y)) for x, y in sorted(points)],
                    COLOURS[index % len(COLOURS)])
    canvas.save(path)
