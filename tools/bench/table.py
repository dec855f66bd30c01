"""The rows as text for people."""

HEADINGS = ("case", "figure", "reference", "candidate", "ratio (range)", "target", "")


def amount(value: float, unit: str) -> str:
    if unit == "msg/s":
        return f"{value / 1e6:.2f} M/s" if value >= 1e6 else f"{value / 1e3:.1f} k/s"
    if unit == "B" and value >= 1024 * 1024:
        return f"{value / 1024 / 1024:.1f} MB"
    if unit == "ns" and value >= 10_000:
        return f"{value / 1e3:.1f} us"
    return f"{value:,.0f} {unit}" if abs(value) >= 100 else f"{value:.2f} {unit}"


def _side(summary: dict, unit: str) -> str:
    shown = amount(summary["median"], unit)
    # One trial has no spread: ±0% would look like a quiet machine.
    return f"{shown} ±{summary['noise'] * 100:.0f}%" if len(summary["values"]) > 1 else f"{shown} (once)"


def _ratio(ratio: dict | None) -> str:
    if ratio is None:
        return "none"
    spread = f" ({ratio['low']:.2f}-{ratio['high']:.2f})" if len(ratio["values"]) > 1 else ""
    return f"{ratio['median']:.2f}{spread}"


def _target(target: dict | None, unit: str) -> str:
    if target is None:
        return ""
    sign, limit = ("<=", target["max"]) if "max" in target else (">=", target["min"])
    return f"{sign} {limit:g}x" if target["kind"] == "ratio" else f"{sign} {amount(limit, unit)}"


def _cells(row: dict) -> tuple[str, ...]:
    figure = row["metric"].removesuffix(f"_{row['unit']}")
    if "errors" in row:
        return (row["case"], figure, "", "", "", _target(row["target"], row["unit"]), row["verdict"])
    return (
        row["case"],
        figure,
        _side(row["reference"], row["unit"]),
        _side(row["candidate"], row["unit"]),
        _ratio(row["ratio"]),
        _target(row["target"], row["unit"]),
        row["verdict"],
    )


def render(rows: list[dict]) -> str:
    lines = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    text.insert(1, "-" * max(map(len, text)))
    errors = {error: None for row in rows for error in row.get("errors", [])}
    return "\n".join([*text, *(f"FAILED {error}" for error in errors)])
