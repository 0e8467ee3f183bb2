"""The billing system prints its invoices every night, in columns of fixed width; this wrapper lets
Caruso read them, and put off the day on which one is due. What was put off stands in a file that
the billing system takes in; until it prints again, the wrapper shows both together.

One JSON request a line on standard input, one JSON answer a line on standard output.
"""
import csv, json, os, sys

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "invoices.txt")
PUT_OFF = os.path.join(os.environ.get("CARUSO_DATA", "."), "put-off.csv")
CLASSES = [{"name": "Invoice", "searches": ["customer", "status"], "writable": True}]
STATUSES = {"O": "open", "H": "reminded", "B": "paid"}

def day(text):
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if text.strip("0 ") else None

def put_off():
    if not os.path.exists(PUT_OFF):
        return []
    with open(PUT_OFF, newline="", encoding="utf-8") as file:
        return [line for line in csv.reader(file, delimiter=";") if len(line) == 4]

def invoices():
    due = {number: on for number, on, _, _ in put_off()}
    with open(FILE, encoding="iso-8859-1") as file:
        for line in file:
            if line.startswith("F"):
                number = line[0:8].strip()
                yield {"number": number, "customer": line[8:14].strip(),
                       "issued_on": day(line[14:22]), "due_on": due.get(number, day(line[22:30])),
                       "amount": f"{int(line[30:39]) / 100:.2f} EUR",
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

def apply(change, key, was, values, idempotency_key, actor, **_):
    if any(known == idempotency_key for _, _, known, _ in put_off()):
        return get([key])
    invoice = next((it for it in invoices() if it["number"] == key), None)
    if change != "update" or set(values) != {"due_on"} or not values["due_on"]:
        return {"refused": "Of an invoice, only the day on which it is due can be changed."}
    if invoice is None or any(invoice[name] != value for name, value in was.items()):
        return {"stale": True}
    if invoice["status"] == "paid":
        return {"refused": f"Invoice {key} is paid already."}
    with open(PUT_OFF, "a", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";").writerow([key, values["due_on"], idempotency_key, actor])
        file.flush()
        os.fsync(file.fileno())
    return get([key])

DO = {"get": get, "query": query, "apply": apply}
for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "describe":
        answer = {"classes": CLASSES}
    elif not os.path.exists(FILE):
        answer = {"later": "The billing system has printed no invoices."}
    else:
        answer = DO[request["do"]](**request)
    print(json.dumps({"id": request["id"], **answer}), flush=True)
