"""A repair shop over HTTP: JSON, keys, pages; it knows who may ask. It listens on a port of its own
and prints which."""
import http.server, json, sys, time, urllib.parse

REPAIRS, KEYS, SEEN = {}, {}, []

class Shop(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=None):
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(b"" if status == 204 else data)

    def asked(self):
        length = int(self.headers.get("Content-Length", 0))
        self.body = json.loads(self.rfile.read(length)) if length else None
        if self.headers.get("X-Api-Key") != "s3cret":
            self.answer(401, {"title": "Who is asking?"})
            return None
        path, _, query = self.path.partition("?")
        if not path.startswith("/shop/repairs"):
            self.answer(404, {"title": "There is no such page."})
            return None
        number = urllib.parse.unquote(path[len("/shop/repairs"):].lstrip("/"))
        return number, dict(urllib.parse.parse_qsl(query))

    def do_POST(self):
        if self.asked() is None:
            return
        body, key = self.body, self.headers.get("Idempotency-Key")
        SEEN.append(body.get("text"))
        if body["customerId"] == "blocked":
            return self.answer(422, {"title": "Blocked", "detail": "This customer pays first."})
        if body.get("text") == "odd":
            return self.answer(201, {"number": 7, "state": "new"})
        if body.get("text") == "slow":
            time.sleep(5)
        if key not in KEYS:
            number = f"R{len(REPAIRS) + 1:04}"
            KEYS[key] = number
            REPAIRS[number] = {"number": number, "customerId": body["customerId"], "state": "new",
                               "address": body.get("address"), "tags": body.get("tags", [])}
        self.answer(201, REPAIRS[KEYS[key]])

    def do_DELETE(self):
        asked = self.asked()
        if asked is None:
            return
        if asked[0] not in REPAIRS:
            return self.answer(404, {"detail": "There is no such repair."})
        REPAIRS[asked[0]]["state"] = "cancelled"
        self.answer(204)

    def do_GET(self):
        if self.path == "/seen":
            return self.answer(200, SEEN)
        asked = self.asked()
        if asked is None:
            return
        number, query = asked
        if number:
            found = REPAIRS.get(number)
            return self.answer(200, found) if found else self.answer(404, {"detail": "None."})
        found = [it for key, it in sorted(REPAIRS.items()) if key > query.get("after", "")
                 and query.get("customerId") in (None, it["customerId"])]
        size = int(query.get("size", 100))
        page = {"items": found[:size]}
        if len(found) > size:
            page["next"] = found[size - 1]["number"]
        self.answer(200, page)

for number in range(1, 301):
    REPAIRS[f"Q{number:04}"] = {"number": f"Q{number:04}", "customerId": str(number % 3),
                                "state": "done", "tags": []}
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
print(server.server_address[1], flush=True)
server.serve_forever()
