"""Small SVG drawings: bars for measurements, a badge. No scripts, no outside fonts."""

from html import escape

WIDTH, BAR, GAP, LABEL = 760, 16, 22, 250
COLOURS = {"reference": "#8a8f98", "candidate": "#2f6fb0", "missed": "#c2452d", "mark": "#222222"}


def pair_bars(measurements: list[dict]) -> str:
    """For each measurement the candidate as a share of the reference, and the mark that it must reach."""
    scale = max([1.0, *(entry["ratio"] for entry in measurements), *(entry["mark"] or 0 for entry in measurements)])
    full = WIDTH - LABEL - 110
    height = len(measurements) * (BAR + GAP) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'font-family="sans-serif" font-size="12">'
    ]
    for index, entry in enumerate(measurements):
        parts += bar(entry, 10 + index * (BAR + GAP), full / scale)
    one = LABEL + full / scale
    parts.append(
        f'<line x1="{one:.1f}" x2="{one:.1f}" y1="0" y2="{height - 18}" stroke="{COLOURS["reference"]}" '
        f'stroke-dasharray="3 3"/><text x="{one:.1f}" y="{height - 5}" text-anchor="middle">reference = 1</text></svg>'
    )
    return "".join(parts)


def bar(entry: dict, top: int, unit: float) -> list[str]:
    length = max(1.0, entry["ratio"] * unit)
    middle = top + BAR - 4
    label = LABEL + max(length, (entry["mark"] or 0) * unit) + 6
    parts = [
        f'<text x="{LABEL - 8}" y="{middle}" text-anchor="end">{escape(entry["name"])}</text>',
        f'<rect x="{LABEL}" y="{top}" width="{length:.1f}" height="{BAR}" '
        f'fill="{COLOURS["missed" if entry["verdict"] == "MISSED" else "candidate"]}"/>',
        f'<text x="{label:.1f}" y="{middle}">{entry["ratio"]:.2f}</text>',
    ]
    if entry["mark"] is not None:
        at = LABEL + entry["mark"] * unit
        parts.append(
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{top - 3}" y2="{top + BAR + 3}" stroke="{COLOURS["mark"]}" '
            'stroke-width="2"/>'
        )
    return parts


def share_bar(shares: list[tuple[str, int]], colours: list[str]) -> str:
    """Parts of a whole in one bar."""
    total = sum(count for _, count in shares) or 1
    parts, at = [], 0.0
    for (name, count), colour in zip(shares, colours, strict=True):
        width = WIDTH * count / total
        parts.append(
            f'<rect x="{at:.2f}" y="0" width="{width:.2f}" height="18" fill="{colour}">'
            f"<title>{escape(name)}: {count}</title></rect>"
        )
        at += width
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 18" role="img">{"".join(parts)}</svg>'


def badge(label: str, value: str, colour: str) -> str:
    left, right = 8 + 7 * len(label), 10 + 7 * len(value)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{escape(label)}: {escape(value)}" font-family="sans-serif" font-size="11">'
        f'<rect width="{left + right}" height="20" rx="3" fill="#555"/>'
        f'<path d="M{left} 0h{right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{right - 3}z" fill="{colour}"/>'
        f'<g fill="#fff" text-anchor="middle"><text x="{left / 2}" y="14">{escape(label)}</text>'
        f'<text x="{left + right / 2}" y="14">{escape(value)}</text></g></svg>\n'
    )
