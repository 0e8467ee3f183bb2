"""Carries out operations for Caruso. A file stands for the other system: put yours in its place."""
import json, os

from caruso_wrapper import Refused, Wrapper

FILE = os.path.join(os.environ.get("CARUSO_DATA", "."), "orders.json")
wrapper = Wrapper()


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


# with the parameters that application.xml declares
@wrapper.operation("Place an order")
def place_order(key, customer: str, text: str = ""):
    if not customer.strip():
        raise Refused("An order needs the number of a customer.")
    orders = load()
    if key not in orders:  # the same key is the same wish: it is done once
        number = f"O-{len(orders) + 1}"
        orders[key] = {"order": number, "customer": customer, "text": text, "cancelled": False}
        save(orders)
    number = orders[key]["order"]
    return {"order": number}, f"Order {number} is placed."


@wrapper.operation("Cancel an order")
def cancel_order(key, order: str):
    orders = load()
    placed = next((it for it in orders.values() if it["order"] == order), None)
    if placed is None:
        raise Refused(f"There is no order {order}.")
    if not placed["cancelled"]:
        placed["cancelled"] = True
        save(orders)
    return {}, f"Order {order} is cancelled."


wrapper.run()
