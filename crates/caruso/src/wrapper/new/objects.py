"""Holds objects of the class @CLASS@ for Caruso. A file stands for the other system: put yours in
its place.
"""
import json, os

from caruso_wrapper import Refused, Stale, Wrapper

FILE = os.path.join(os.environ.get("CARUSO_DATA", "."), "objects.json")
FIRST = {"1": {"number": "1", "name": "First", "group": "a"},
         "2": {"number": "2", "name": "Second", "group": "a"},
         "3": {"number": "3", "name": "Third", "group": "b"}}
wrapper = Wrapper()
# searched by what the model's `index` says; with the names that the model has
held = wrapper.holds("@CLASS@", searches=["group"], writable=True)


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


@held.get
def get(keys):
    objects = load()["objects"]
    return [objects[key] for key in keys if key in objects]


@held.query
def query(where, limit, cursor):
    def fits(it):
        return all(it.get(name) in values for name, values in where.items())
    found = [it for _, it in sorted(load()["objects"].items()) if fits(it)]
    first = int(cursor or 0)
    end = first + limit
    return found[first:end], end if len(found) > end else None


@held.apply
def apply(change, key, was, values, wish):
    kept = load()
    if wish in kept["answered"]:  # the same wish is done once
        return kept["answered"][wish]
    objects = kept["objects"]
    if change == "create":
        key = values.get("number")
        if not key or key in objects:
            raise Refused("A new object needs a number that no other one has.")
        now = values
    else:
        old = objects.get(key)
        if old is None or any(old.get(name) != it for name, it in was.items()):
            raise Stale
        now = {**old, **values} if change == "update" else None
    objects.pop(key, None)
    if now is not None:
        objects[key] = {name: value for name, value in now.items() if value is not None}
    kept["answered"][wish] = objects.get(key)
    save(kept)
    return objects.get(key)


wrapper.run()
