"""Writes pages with one long table: ledger.py ROWS FOLDER. Forty-nine rows make a page.

They are `index.html`, which the press is timed on, and `1.html` to `3.html` with other amounts, as for bundles.
"""

import sys
from pathlib import Path

rows, folder = int(sys.argv[1]), Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
for turn in range(4):
    with (folder / f"{turn or 'index'}.html").open("w") as out:
        out.write("""<!doctype html><meta charset=utf-8><title>Ledger</title><style>
@page { size: A4; margin: 15mm; @bottom-center { content: counter(page) " / " counter(pages) } }
body { font: 9pt Arial }
table { width: 100%; border-collapse: collapse }
td, th { border: .5pt solid #999; padding: 2pt 4pt }
td:nth-child(n+3) { text-align: right }
thead { background: #eee }
</style><h1>Ledger</h1>
<table><thead><tr><th>No<th>Description<th>Debit<th>Credit<th>Balance</thead><tbody>
""")
        for row in range(rows):
            key = row + turn * rows
            debit, credit, balance = key * 37 % 10000 / 100, key * 91 % 10000 / 100, key * 1234567 % 10000000 / 100
            out.write(f"<tr><td>{row + 1}<td>Payment to account {row * 7919 % 100000:05d}"
                      f"<td>{debit:.2f}<td>{credit:.2f}<td>{balance:,.2f}\n")
        out.write("</table>\n")
