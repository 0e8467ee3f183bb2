"""The billing system prints its invoices every night, in columns of fixed width; this wrapper lets
Caruso read them.

One JSON request a line on standard input, one JSON answer a line on standard output.
"""
import json, os, sys

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "invoices.txt")
CLASSES = [{"name": "Invoice", "searches": ["customer", "status"]}]
STATUSES = {"O": "open", "H": "reminded", "B": "paid"}

def day(text):
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if text.strip("0 ") else None

def invoices():
    with open(FILE, encoding="iso-8859-1") as file:
        for line in file:
            if line.startswith("F"):
                yield {"number": line[0:8].strip(), "customer": line[8:14].strip(),
                       "issued_on": day(line[14:22]), "due_on": day(line[22:30]),
                       "amount": f"{int(line[30:39]) / 100:.2f}",
                       "status": STATUSES.get(line[39], line[39])}

def get(keys, **_):
    return {"objects": [invoice for invoice in invoices() if invoice["number"] in keys]}

def query(where, limit, cursor, **_):
    def fits(invoice):
        return all(invoice[name] in values for name, values in where.items())
    first = int(cursor or 0)
    found = [invoice for invoice in invoices() if fits(invoice)]
    page = {"objects": found[first:first + limit]}
    return {**page, "next": str(first + limit)} if len(found) > first + limit else page

for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "describe":
        answer = {"classes": CLASSES}
    elif not os.path.exists(FILE):
        answer = {"later": "The billing system has printed no invoices."}
    else:
        answer = (get if request["do"] == "get" else query)(**request)
    print(json.dumps({"id": request["id"], **answer}), flush=True)
