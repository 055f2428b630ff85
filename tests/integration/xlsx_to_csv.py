"""Saves some rows of an xlsx file's first sheet as a spreadsheet set to French does: semicolons, Windows-1252, French
dates and decimals, cells as they are shown.

    xlsx_to_csv.py FILE FIRST_ROW LAST_ROW [COLUMN...]      the first row has the headings; columns count from 1 on
"""
import csv
import datetime
import sys
import xml.etree.ElementTree as ElementTree
import zipfile

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def text_of(element):
    return "".join(t.text or "" for t in element.iter(MAIN + "t"))


def column_of(reference):
    column = 0
    for letter in reference.rstrip("0123456789"):
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


def sheet(path):
    """Rows by their number, each a dictionary of columns to (type, text)."""
    with zipfile.ZipFile(path) as package:
        strings = [text_of(s) for s in ElementTree.fromstring(package.read("xl/sharedStrings.xml")).iter(MAIN + "si")]
        rows = {}
        for row in ElementTree.fromstring(package.read("xl/worksheets/sheet1.xml")).iter(MAIN + "row"):
            cells = rows[int(row.get("r"))] = {}
            for cell in row.iter(MAIN + "c"):
                value = cell.find(MAIN + "v")
                kind = cell.get("t", "n")
                text = text_of(cell) if value is None else value.text
                if kind == "s":
                    text = strings[int(text)]
                if text:
                    cells[column_of(cell.get("r"))] = (kind, text)
        return rows


def shown(cell, heading):
    kind, text = cell
    if kind != "n":
        return text
    if "Date" in heading:
        return (datetime.date(1899, 12, 30) + datetime.timedelta(days=int(float(text)))).strftime("%d/%m/%Y")
    if "Amount" in heading:
        return f"{float(text):,.2f}".replace(",", "\u00a0").replace(".", ",")
    return text


path, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rows = sheet(path)
columns = [int(column) for column in sys.argv[4:]] or sorted(rows[first])
headings = [rows[first][column][1] for column in columns]
out = csv.writer(open(sys.stdout.fileno(), "w", encoding="windows-1252", newline="", closefd=False), delimiter=";")
out.writerow(headings)
for number in range(first + 1, last + 1):
    cells = rows[number]
    out.writerow([shown(cells[c], h) if c in cells else "" for c, h in zip(columns, headings)])
