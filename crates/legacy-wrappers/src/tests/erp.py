"""A fictional ERP keeps its service orders in a file; this wrapper lets Caruso append to it.

One JSON request a line on standard input, one JSON answer a line on standard output.
"""
import csv, datetime, json, os, sys

FILE = os.path.join(os.environ.get("CARUSO_DATA", "."), "service-orders.csv")
HEADER = ["order number", "date", "customer number", "EAN", "kind", "urgency", "text", "key"]
KINDS = ["no_supply", "partial", "smell_of_gas", "meter", "other"]
PARAMETERS = {"create_service_order": ["customer", "connection", "kind", "urgency", "text"],
              "cancel_service_order": ["order"]}
OPERATIONS = [{"name": name, "title": name.replace("_", " ").capitalize(), "parameters": [
    {"name": it, "type": "text", "required": it != "text"} for it in parameters]}
    for name, parameters in PARAMETERS.items()]

def orders():
    with open(FILE, "a+", newline="", encoding="utf-8") as file:
        file.seek(0)
        return list(csv.reader(file, delimiter=";")) or [HEADER]

def append(rows, row):
    with open(FILE, "a", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";").writerows([row] if len(rows) > 1 else [HEADER, row])
        file.flush()
        os.fsync(file.fileno())

def create_service_order(key, customer, connection, kind, urgency, text=""):
    if not connection.strip():
        return {"refused": "The ERP needs the EAN of the connection for a service order."}
    if kind not in KINDS:
        return {"refused": f"The ERP has no service orders of the kind “{kind}”."}
    rows, today = orders(), datetime.date.today().isoformat()
    number = next((row[0] for row in rows[1:] if row[-1] == key), None)
    if number is None:
        number = f"SO-{10000 + len(rows)}"
        append(rows, [number, today, customer, connection, kind, urgency, text, key])
    return {"results": {"order": number}, "summary": f"The ERP has service order {number}."}

def cancel_service_order(key, order):
    rows = orders()
    placed = next((row for row in rows[1:] if row[0] == order), None)
    if placed is None:
        return {"refused": f"The ERP has no service order {order}."}
    if not any(row[0] == order and row[5] == "cancelled" for row in rows):
        append(rows, placed[:5] + ["cancelled", "", key])
    return {"results": {}, "summary": f"Service order {order} is cancelled."}

DO = {"create_service_order": create_service_order, "cancel_service_order": cancel_service_order}
for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "describe":
        answer = {"operations": OPERATIONS}
    else:
        answer = DO[request["operation"]](request["key"], **request["arguments"])
    print(json.dumps({"id": request["id"], **answer}), flush=True)
