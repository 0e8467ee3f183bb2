"""Holds objects of the class @CLASS@ for Caruso. A file stands for the other system: put yours in
its place.

One JSON request a line on standard input, one JSON answer a line on standard output, nothing else
there; what you print to standard error goes to the log.
"""
import json, os, sys

FILE = os.path.join(os.environ.get("CARUSO_DATA", "."), "objects.json")
# by what the model's `index` says; with the names that the model has
CLASSES = [{"name": "@CLASS@", "searches": ["group"], "writable": True}]
FIRST = {"1": {"number": "1", "name": "First", "group": "a"},
         "2": {"number": "2", "name": "Second", "group": "a"},
         "3": {"number": "3", "name": "Third", "group": "b"}}


def load():
    if not os.path.exists(FILE):
        return {"objects": FIRST, "answered": {}}
    with open(FILE, encoding="utf-8") as file:
        return json.load(file)


def save(kept):
    """Wholly or not at all, also when this program is killed meanwhile."""
    with open(FILE + ".new", "w", encoding="utf-8") as file:
        json.dump(kept, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(FILE + ".new", FILE)


def get(request):
    objects = load()["objects"]
    return {"objects": [objects[key] for key in request["keys"] if key in objects]}


def query(request):
    def fits(it):
        return all(it.get(name) in values for name, values in request["where"].items())
    found = [it for _, it in sorted(load()["objects"].items()) if fits(it)]
    first = int(request["cursor"] or 0)
    end = first + request["limit"]
    page = {"objects": found[first:end]}
    return {**page, "next": str(end)} if len(found) > end else page


def apply(request):
    kept, wish = load(), request["idempotency_key"]
    if wish in kept["answered"]:  # the same key is the same wish: it is done once
        return {"objects": kept["answered"][wish]}
    objects, change, values = kept["objects"], request["change"], request["values"]
    if change == "create":
        key = values.get("number")
        if not key or key in objects:
            return {"refused": "A new object needs a number that no other one has."}
        now = values
    else:
        key = request["key"]
        was = objects.get(key)
        if was is None or any(was.get(name) != it for name, it in request["was"].items()):
            return {"stale": True}
        now = {**was, **values} if change == "update" else None
    objects.pop(key, None)
    if now is not None:
        objects[key] = {name: value for name, value in now.items() if value is not None}
    kept["answered"][wish] = [objects[key]] if key in objects else []
    save(kept)
    return {"objects": kept["answered"][wish]}


DO = {"describe": lambda _: {"classes": CLASSES}, "get": get, "query": query, "apply": apply}
for line in sys.stdin:
    request = json.loads(line)
    do = DO.get(request["do"], lambda _: {"refused": "This wrapper does not know such requests."})
    print(json.dumps({"id": request["id"], **do(request)}), flush=True)
