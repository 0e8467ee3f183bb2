"""The fictional ERP keeps its service orders in a file; this wrapper lets Caruso append to it.

One JSON request a line on standard input, one JSON answer a line on standard output.
"""
import csv, datetime, json, os, sys

FILE = os.path.join(os.environ.get("CARUSO_DATA", "."), "service-orders.csv")
HEADER = ["order number", "date", "customer number", "EAN", "kind", "urgency", "text", "key"]
KINDS = ["no_supply", "partial", "smell_of_gas", "meter", "other"]
OPERATIONS = [{"name": "create_service_order", "title": "Create a service order", "parameters": [
    {"name": "customer", "type": "text", "required": True},
    {"name": "connection", "type": "text", "required": True},
    {"name": "kind", "type": "text", "required": True},
    {"name": "urgency", "type": "text", "required": True},
    {"name": "text", "type": "text"}]}]

def create_service_order(key, customer, connection, kind, urgency, text=""):
    if not connection.strip():
        return {"refused": "The ERP needs the EAN of the connection for a service order."}
    if kind not in KINDS:
        return {"refused": f"The ERP has no service orders of the kind “{kind}”."}
    with open(FILE, "a+", newline="", encoding="utf-8") as file:
        file.seek(0)
        orders = list(csv.reader(file, delimiter=";"))
        number = next((order[0] for order in orders if order[-1] == key), None)
        if number is None:
            number = f"SO-{10000 + max(len(orders), 1)}"
            write = csv.writer(file, delimiter=";").writerow
            if not orders:
                write(HEADER)
            date = datetime.date.today().isoformat()
            write([number, date, customer, connection, kind, urgency, text, key])
            file.flush()
            os.fsync(file.fileno())
    return {"results": {"order": number}, "summary": f"The ERP has service order {number}."}

for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "describe":
        answer = {"operations": OPERATIONS}
    else:
        answer = create_service_order(request["key"], **request["arguments"])
    print(json.dumps({"id": request["id"], **answer}), flush=True)
