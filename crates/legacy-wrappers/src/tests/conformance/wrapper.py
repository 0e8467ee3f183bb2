"""Keeps orders and customers in a file. `FLAW` names the one thing that it does wrong."""
import json, os, sys, time

FLAW = os.path.basename(__file__)[:-len(".py")]
FILE = os.path.join(os.environ["CARUSO_DATA"], "kept.json")
CUSTOMER = {"name": "customer", "type": "text", "required": FLAW != "describes"}
OPERATIONS = [{"name": "order", "title": "Order", "parameters": [
                  CUSTOMER, {"name": "text", "type": "text"}]},
              {"name": "cancel", "title": "Cancel", "parameters": [
                  {"name": "order", "type": "text", "required": True}]}]
CLASSES = [{"name": "Customer", "searches": ["city"], "writable": True}]


def load():
    if not os.path.exists(FILE):
        gouda = ["Gouda"] if FLAW == "objects" else "Gouda"
        customers = {"1": {"id": "1", "name": "Ada", "city": "Delft"},
                     "2": {"id": "2", "name": "Bo", "city": "Delft"},
                     "3": {"id": "3", "name": "Cy", "city": gouda}}
        return {"orders": {}, "cancelled": [], "customers": customers, "changes": {}}
    with open(FILE, encoding="utf-8") as file:
        return json.load(file)


def save():
    if FLAW == "same-key-killed" and not ENDING:
        return
    with open(FILE + ".new", "w", encoding="utf-8") as file:
        json.dump(KEPT, file)
    os.replace(FILE + ".new", FILE)


ENDING = False
KEPT = load()
if FLAW == "same-key-restarted":
    KEPT["orders"] = {}
if FLAW == "change-same-key":
    KEPT["changes"] = {}


def order(key, customer, text=""):
    if not customer.strip():
        return {"refused": "An order needs a customer."}
    if customer == "blocked":
        return {"results": {"order": "0"}} if FLAW == "refuses" else {"refused": "Blocked."}
    if FLAW == "same-key" or key not in KEPT["orders"]:
        KEPT["orders"][key] = f"O-{time.time_ns()}"
        save()
    return {"results": {"order": KEPT["orders"][key]}, "summary": "Ordered."}


def cancel(key, order):
    if order in KEPT["cancelled"]:
        return {"refused": "Cancelled already."} if FLAW == "undo" else {"results": {}}
    KEPT["cancelled"].append(order)
    save()
    return {"results": {}, "summary": "Cancelled."}


DO = {"order": (order, {"customer"}, {"text"}), "cancel": (cancel, {"order"}, set())}


def invoke(request):
    done = {"results": {"order": "O-0"}}
    if request["operation"] not in DO:
        return done if FLAW == "unknown-operation" else {"refused": "There is no such operation."}
    call, required, optional = DO[request["operation"]]
    given = request["arguments"]
    if required - set(given):
        return done if FLAW == "missing-argument" else {"refused": "Something is missing."}
    if any(not isinstance(value, str) for value in given.values()):
        return {"refused": " "} if FLAW == "wrong-type" else {"refused": "It takes texts."}
    return call(request["key"], **given)


def get(request):
    found = [it for key, it in KEPT["customers"].items() if key in request["keys"]]
    if FLAW == "unknown-key" and request["keys"] == ["no-such-key"]:
        return {"refused": "No such customer."}
    if FLAW == "get":
        found = [{**it, "name": it["name"].replace("Ada", "ADA")} for it in found]
    return {"objects": found}


def query(request):
    def fits(it):
        if FLAW == "searches":
            return True
        return all(it[name] in them for name, them in request["where"].items())
    found = [it for it in KEPT["customers"].values() if fits(it)]
    first = int(request["cursor"] or 0)
    end = first + (200 if FLAW == "pages" else request["limit"])
    answer = {"objects": found[first:end]}
    return {**answer, "next": str(end)} if len(found) > end else answer


def create(request):
    made = request["values"]
    if FLAW == "create" and made["id"] in KEPT["customers"]:
        return {"refused": "There is such a customer."}
    KEPT["customers"][made["id"]] = made
    save()
    return {"objects": [made]}


def apply(request):
    key, now = request["key"], KEPT["customers"].get(request["key"])
    if request["change"] == "create":
        return create(request)
    if request["change"] == "delete":
        if FLAW != "delete":
            KEPT["customers"].pop(key, None)
            save()
        return {"objects": []}
    if request["idempotency_key"] in KEPT["changes"]:
        return {"objects": [KEPT["changes"][request["idempotency_key"]]]}
    if now is None:
        return {"objects": [{"id": key}]} if FLAW == "change-unknown-key" else {"stale": True}
    if FLAW != "stale" and any(now.get(name) != value for name, value in request["was"].items()):
        return {"stale": True}
    if FLAW == "change":
        return {"objects": [now]}
    now = {**now, **request["values"]}
    KEPT["customers"][key] = KEPT["changes"][request["idempotency_key"]] = now
    save()
    return {"objects": [now]}


def answer_to(request):
    if request["do"] == "describe":
        if FLAW == "unknown-fields" and set(request) - {"id", "do"} and len(str(request)) < 1000:
            return {"refused": "What is that?"}
        return {"operations": OPERATIONS, "classes": CLASSES}
    kinds = {"invoke": invoke, "get": get, "query": query, "apply": apply}
    if request["do"] not in kinds:
        if FLAW == "unknown-request":
            time.sleep(600)
        return {"refused": "I do not know that request."}
    return kinds[request["do"]](request)


def next_line():
    if FLAW != "several-at-once":
        return sys.stdin.readline()
    # takes what stands in the input together for one request
    text = b""
    while part := os.read(0, 1 << 20):
        text += part
        if text.endswith(b"\n"):
            break
    return text.split(b"\n")[0].decode()


while line := next_line():
    if FLAW == "largest-request" and len(line) > 32_000:
        sys.exit("the line is too long")
    request = json.loads(line)
    print(json.dumps({"id": request["id"], **answer_to(request)}), flush=True)
    if FLAW == "clean-output":
        print("answered", request["do"], flush=True)
ENDING = True
save()
if FLAW == "ends":
    time.sleep(600)
