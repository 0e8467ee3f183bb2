"""A wrapper that speaks gRPC: operations on orders, and the orders as objects of the class Order.

    pip install grpcio grpcio-tools
    export PYTHONPATH=proto
    caruso wrap orders --grpc --data data --dev -- python3 examples/grpc-wrapper/orders.py

A file stands for the other system: put yours in its place. What it prints goes to the log.
"""
import json
import os
from concurrent import futures

import grpc

storage = grpc.protos("caruso/storage/v1/storage_manager.proto")
wrapper, wrapper_rpc = grpc.protos_and_services("caruso/wrapper/v1/wrapper.proto")

FILE = os.path.join(os.environ.get("CARUSO_DATA", "."), "orders.json")
# what application.xml declares of this wrapper: operations with their parameters, (type, required)
OPERATIONS = {
    "place_order": {"customer": ("text", True), "text": ("text", False)},
    "cancel_order": {"order": ("text", True)},
}
Code = grpc.StatusCode


def load():
    if not os.path.exists(FILE):
        return {"orders": {}, "placed": 0, "answered": {}}
    with open(FILE, encoding="utf-8") as file:
        return json.load(file)


def save(kept):
    """Wholly or not at all, also when this program is killed meanwhile."""
    with open(FILE + ".new", "w", encoding="utf-8") as file:
        json.dump(kept, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(FILE + ".new", FILE)


def from_wire(values):
    """Values by their names; `None` is no value."""
    def plain(value):
        kind = value.WhichOneof("kind")
        return None if kind is None else getattr(value, kind)
    return {name: plain(value) for name, value in values.items()}


def to_wire(values):
    return {name: storage.Value(text=it) for name, it in values.items() if it is not None}


class Actions(wrapper_rpc.ActionsServicer):
    def Describe(self, request, context):
        def operation(name, parameters):
            return wrapper.Operation(name=name, title=name.replace("_", " "), parameters=[
                wrapper.Parameter(name=it, type=kind, is_required=required)
                for it, (kind, required) in parameters.items()])
        return wrapper.DescribeResponse(operations=[operation(*it) for it in OPERATIONS.items()])

    def Invoke(self, request, context):
        parameters = OPERATIONS.get(request.operation)
        if parameters is None:
            context.abort(Code.INVALID_ARGUMENT, f"There is no operation “{request.operation}”.")
        for name, (kind, required) in parameters.items():
            if name not in request.arguments and required:
                context.abort(Code.INVALID_ARGUMENT, f"“{name}” is missing.")
            if name in request.arguments and request.arguments[name].WhichOneof("kind") != kind:
                context.abort(Code.INVALID_ARGUMENT, f"“{name}” must be {kind}.")
        kept, key = load(), request.idempotency_key
        if key not in kept["answered"]:  # the same key is the same wish: it is done once
            do = getattr(self, request.operation)
            kept["answered"][key] = do(context, kept, **from_wire(request.arguments))
            save(kept)
        results, summary = kept["answered"][key]
        return wrapper.InvokeResponse(results=to_wire(results), summary=summary)

    def place_order(self, context, kept, customer, text=""):
        if not customer.strip():
            context.abort(Code.FAILED_PRECONDITION, "An order needs the number of a customer.")
        kept["placed"] += 1
        number = f"O-{kept['placed']}"
        order = {"number": number, "customer": customer, "text": text, "state": "placed"}
        kept["orders"][number] = order
        return [{"order": number}, f"Order {number} is placed."]

    def cancel_order(self, context, kept, order):
        if order not in kept["orders"]:
            context.abort(Code.FAILED_PRECONDITION, f"There is no order {order}.")
        kept["orders"][order]["state"] = "cancelled"
        return [{}, f"Order {order} is cancelled."]


def held(order):
    return wrapper.HeldObject(values=to_wire(order))


def check_class(request, context):
    if getattr(request, "class") != "Order":
        context.abort(Code.INVALID_ARGUMENT, "This wrapper holds orders.")


class Objects(wrapper_rpc.ObjectsServicer):
    def Get(self, request, context):
        check_class(request, context)
        orders = load()["orders"]
        found = [held(orders[key]) for key in request.keys if key in orders]
        return wrapper.ObjectsResponse(objects=found)

    def Query(self, request, context):
        check_class(request, context)
        wanted = {it.name: [value.text for value in it.values] for it in request.conditions}
        found = [order for _, order in sorted(load()["orders"].items())
                 if all(order.get(name) in values for name, values in wanted.items())]
        first = int(request.cursor or 0)
        end = first + request.limit
        return wrapper.ObjectsResponse(objects=[held(it) for it in found[first:end]],
                                       next_cursor=str(end) if len(found) > end else "")

    def Apply(self, request, context):
        check_class(request, context)
        kept, key = load(), request.idempotency_key
        if key not in kept["answered"]:
            kept["answered"][key] = self.apply(request, context, kept["orders"])
            save(kept)
        now = kept["answered"][key]
        return wrapper.ApplyResponse(object=None if now is None else held(now))

    def apply(self, request, context, orders):
        was, values = from_wire(request.was), from_wire(request.values)
        if request.change == "create":
            number = values.get("number")
            if not number or number in orders:
                context.abort(Code.FAILED_PRECONDITION, "A new order needs a number of its own.")
            orders[number] = values
            return values
        order = orders.get(request.key)
        if order is None or any(order.get(name) != it for name, it in was.items()):
            context.abort(Code.ABORTED, "The order is no longer what it was.")
        if request.change == "delete":
            del orders[request.key]
            return None
        orders[request.key] = {**order, **values}
        return orders[request.key]


server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
wrapper_rpc.add_ActionsServicer_to_server(Actions(), server)
wrapper_rpc.add_ObjectsServicer_to_server(Objects(), server)
server.add_insecure_port(os.environ["CARUSO_LISTEN"])
server.start()
server.wait_for_termination()
