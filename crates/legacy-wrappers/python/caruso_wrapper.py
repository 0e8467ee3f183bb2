"""Functions of this program as a wrapper of Caruso: a request becomes a call, what the function
gives becomes the answer.

    from caruso_wrapper import Refused, Wrapper

    wrapper = Wrapper()

    @wrapper.operation("Place an order")
    def place_order(key, customer: str, text: str = ""):
        if not customer.strip():
            raise Refused("An order needs the number of a customer.")
        ...
        return {"order": number}, f"Order {number} is placed."

    wrapper.run()

`key` names the wish: the same key is the same wish, and is to be done once, also after a restart.
The other parameters, with their types, are those that application.xml declares; one with a default
need not be given. Types are str, int, bool, decimal.Decimal, datetime.date, and by name "money"
(as "12.50 EUR") and "instant" (as "2026-03-01T09:30:00Z"), which come as texts. Results may be
followed by a sentence that an agent reads. `wrapper.actor` is who wishes it.

Standard output is Caruso's while the wrapper runs; what the program prints goes to the log.
"""
import datetime
import decimal
import inspect
import json
import sys

__all__ = ["Later", "Refused", "Stale", "Wrapper"]

# as types are called in application.xml
_TYPES = {str: "text", int: "int", bool: "bool", decimal.Decimal: "decimal",
          datetime.date: "date", "money": "money", "instant": "instant"}
# what is made of the values that come
_READ = {decimal.Decimal: lambda it: decimal.Decimal(it) if type(it) in (int, str) else None,
         datetime.date: lambda it: datetime.date.fromisoformat(it) if type(it) is str else None}


class Refused(Exception):
    """It cannot be done, for good: in words that are read to an agent."""


class Later(Exception):
    """It cannot be done now, and nothing was: the same may be asked again."""


class Stale(Exception):
    """The object is not, or no longer, what whoever wants to change it takes it for."""


class _Objects:
    """The functions that read and change the objects of a class."""

    def __init__(self):
        self.functions = {}

    def _take(self, name, function):
        self.functions[name] = function
        return function

    def get(self, function):
        """Of `keys`: the objects that there are, each a dict of its attributes."""
        return self._take("get", function)

    def query(self, function):
        """Of `where` (values by searched attribute), `limit` and `cursor` (None, or what this gave
        last): objects, and from where it goes on, or None after the last."""
        return self._take("query", function)

    def apply(self, function):
        """Of `change` ("create", "update" or "delete"), `key`, `was`, `values` and `wish`, which
        names it like the key of an operation: the object after that, or None."""
        return self._take("apply", function)


class Wrapper:
    """What a program does for Caruso."""

    def __init__(self):
        self.actor = None
        self._operations, self._classes = {}, {}
        self._described = {"operations": [], "classes": []}

    def operation(self, title):
        """The function under this is an operation, under its own name."""
        def take(function):
            name = function.__name__
            parameters = list(inspect.signature(function).parameters.values())[1:]
            for it in parameters:
                if it.annotation not in _TYPES:
                    raise TypeError(f"{name}: the type of “{it.name}” is none of "
                                    + ", ".join(getattr(it, "__name__", it) for it in _TYPES))
            self._operations[name] = function, {it.name: it for it in parameters}
            self._described["operations"].append({"name": name, "title": title, "parameters": [
                {"name": it.name, "type": _TYPES[it.annotation],
                 "required": it.default is it.empty} for it in parameters]})
            return function
        return take

    def holds(self, name, searches=(), writable=False):
        """The objects of a class of the model, which are searched by these attributes."""
        self._classes[name] = _Objects()
        self._described["classes"].append(
            {"name": name, "searches": list(searches), "writable": writable})
        return self._classes[name]

    def run(self):
        """Answers until the input ends."""
        answers, sys.stdout = sys.stdout, sys.stderr
        for line in sys.stdin:
            request = json.loads(line)
            answer = {"id": request["id"], **self._answer(request)}
            print(json.dumps(answer, default=str), file=answers, flush=True)

    def _answer(self, request):
        do = {"describe": lambda _: {name: it for name, it in self._described.items() if it},
              "invoke": self._invoke, "get": self._get, "query": self._query, "apply": self._apply}
        self.actor = request.get("actor")
        try:
            return do.get(request["do"], _unknown)(request)
        except Refused as refusal:
            return {"refused": str(refusal)}
        except Later as delay:
            return {"later": str(delay)}
        except Stale:
            return {"stale": True}

    def _invoke(self, request):
        name = request["operation"]
        if name not in self._operations:
            raise Refused(f"There is no operation “{name}”.")
        function, parameters = self._operations[name]
        given = {it.name: _value(it, request["arguments"][it.name])
                 for it in parameters.values() if it.name in request["arguments"]}
        for it in parameters.values():
            if it.default is it.empty and it.name not in given:
                raise Refused(f"“{it.name}” is missing.")
        results = function(request["key"], **given)
        results, *summary = results if isinstance(results, tuple) else (results,)
        return {"results": results or {}, **({"summary": summary[0]} if summary else {})}

    def _function(self, request):
        functions = self._classes.get(request["class"], _Objects()).functions
        if request["do"] not in functions:
            raise Refused(f"This wrapper cannot {request['do']} objects of “{request['class']}”.")
        return functions[request["do"]]

    def _get(self, request):
        return {"objects": self._function(request)(request["keys"])}

    def _query(self, request):
        find = self._function(request)
        objects, following = find(request["where"], request["limit"], request["cursor"])
        return {"objects": objects, **({} if following is None else {"next": str(following)})}

    def _apply(self, request):
        change = self._function(request)
        now = change(request["change"], request["key"], request["was"], request["values"],
                     request["idempotency_key"])
        return {"objects": [] if now is None else [now]}


def _unknown(_):
    raise Refused("This wrapper does not know such requests.")


def _value(parameter, value):
    """What is given for a parameter, if it is of its type."""
    kind = parameter.annotation
    try:
        if kind in _READ:
            value = _READ[kind](value)
    except (ValueError, decimal.InvalidOperation):
        value = None
    if type(value) is not (str if isinstance(kind, str) else kind):
        raise Refused(f"“{parameter.name}” must be {_TYPES[kind]}.")
    return value
