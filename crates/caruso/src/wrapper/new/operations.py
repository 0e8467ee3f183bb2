"""Carries out operations for Caruso. A file stands for the other system: put yours in its place.

One JSON request a line on standard input, one JSON answer a line on standard output, nothing else
there; what you print to standard error goes to the log.
"""
import json, os, sys

FILE = os.path.join(os.environ.get("CARUSO_DATA", "."), "orders.json")
# what application.xml declares of this wrapper
OPERATIONS = [
    {"name": "place_order", "title": "Place an order", "parameters": [
        {"name": "customer", "type": "text", "required": True},
        {"name": "text", "type": "text", "required": False}]},
    {"name": "cancel_order", "title": "Cancel an order", "parameters": [
        {"name": "order", "type": "text", "required": True}]},
]
TYPES = {"bool": bool, "int": int}  # all others are texts


def load():
    if not os.path.exists(FILE):
        return {}
    with open(FILE, encoding="utf-8") as file:
        return json.load(file)


def save(orders):
    """Wholly or not at all, also when this program is killed meanwhile."""
    with open(FILE + ".new", "w", encoding="utf-8") as file:
        json.dump(orders, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(FILE + ".new", FILE)


def place_order(key, customer, text=""):
    if not customer.strip():
        return {"refused": "An order needs the number of a customer."}
    orders = load()
    if key not in orders:  # the same key is the same wish: it is done once
        number = f"O-{len(orders) + 1}"
        orders[key] = {"order": number, "customer": customer, "text": text, "cancelled": False}
        save(orders)
    number = orders[key]["order"]
    return {"results": {"order": number}, "summary": f"Order {number} is placed."}


def cancel_order(key, order):
    orders = load()
    placed = next((it for it in orders.values() if it["order"] == order), None)
    if placed is None:
        return {"refused": f"There is no order {order}."}
    if not placed["cancelled"]:
        placed["cancelled"] = True
        save(orders)
    return {"results": {}, "summary": f"Order {order} is cancelled."}


DO = {"place_order": place_order, "cancel_order": cancel_order}


def misfit(operation, arguments):
    """What is wrong with the arguments, in words; nothing if they fit."""
    for parameter in operation["parameters"]:
        name, kind = parameter["name"], parameter["type"]
        if name not in arguments:
            if parameter["required"]:
                return f"“{name}” is missing."
        elif type(arguments[name]) is not TYPES.get(kind, str):
            return f"“{name}” must be {kind}."
    return None


def invoke(request):
    name, arguments = request["operation"], request["arguments"]
    operation = next((it for it in OPERATIONS if it["name"] == name), None)
    if operation is None:
        return {"refused": f"There is no operation “{name}”."}
    wrong = misfit(operation, arguments)
    return {"refused": wrong} if wrong else DO[name](request["key"], **arguments)


def answer(request):
    if request["do"] == "describe":
        return {"operations": OPERATIONS}
    if request["do"] == "invoke":
        return invoke(request)
    return {"refused": "This wrapper does not know such requests."}


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"id": request["id"], **answer(request)}), flush=True)
