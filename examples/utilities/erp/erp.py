"""The fictional ERP: service orders by SOAP 1.1, as erp.wsdl says, kept in a file.

It listens at CARUSO_LISTEN, and keeps its file in CARUSO_DATA. The same request id is the same
order.
    CARUSO_LISTEN=127.0.0.1:8090 python3 erp.py
"""
import csv, datetime, http.server, os
import xml.etree.ElementTree as xml
from xml.sax.saxutils import escape

FILE = os.path.join(os.environ.get("CARUSO_DATA", "."), "service-orders.csv")
HEADER = ["order number", "date", "customer number", "EAN", "kind", "urgency", "text", "key"]
KINDS = ["no_supply", "partial", "smell_of_gas", "meter", "other"]
SOAP, ERP = "http://schemas.xmlsoap.org/soap/envelope/", "urn:lek-linge:erp"
MOST_BYTES = 1024 * 1024

class Fault(Exception):
    """What the ERP refuses, in words."""

def orders():
    with open(FILE, "a+", newline="", encoding="utf-8") as file:
        file.seek(0)
        return list(csv.reader(file, delimiter=";")) or [HEADER]

def append(rows, row):
    with open(FILE, "a", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";").writerows([row] if len(rows) > 1 else [HEADER, row])
        file.flush()
        os.fsync(file.fileno())

def create(requestId, customer, connection, kind, urgency, text=""):
    if not connection.strip():
        raise Fault("The ERP needs the EAN of the connection for a service order.")
    if kind not in KINDS:
        raise Fault(f"The ERP has no service orders of the kind “{kind}”.")
    rows, today = orders(), datetime.date.today().isoformat()
    number = next((row[0] for row in rows[1:] if row[-1] == requestId), None)
    if number is None:
        number = f"SO-{10000 + len(rows)}"
        append(rows, [number, today, customer, connection, kind, urgency, text, requestId])
    return "CreateServiceOrderResponse", {"order": number}

def cancel(order):
    rows = orders()
    placed = next((row for row in rows[1:] if row[0] == order), None)
    if placed is None:
        raise Fault(f"The ERP has no service order {order}.")
    if not any(row[0] == order and row[5] == "cancelled" for row in rows):
        append(rows, placed[:5] + ["cancelled", "", ""])
    return "CancelServiceOrderResponse", {}

ACTIONS = {f"{ERP}/create": create, f"{ERP}/cancel": cancel}

def answered(action, body):
    """Status and content of the answer to the content of an envelope."""
    try:
        asked = xml.fromstring(body).find(f"{{{SOAP}}}Body")[0]
        fields = {field.tag.partition("}")[2]: field.text or "" for field in asked}
        name, results = ACTIONS[action](**fields)
    except (Fault, KeyError, TypeError, IndexError, xml.ParseError) as fault:
        words = str(fault) if isinstance(fault, Fault) else "The ERP does not understand this."
        return 500, f"<s:Fault><faultcode>s:Client</faultcode>" \
                    f"<faultstring>{escape(words)}</faultstring></s:Fault>"
    results = "".join(f"<{field}>{escape(it)}</{field}>" for field, it in results.items())
    return 200, f'<{name} xmlns="{ERP}">{results}</{name}>'

class Erp(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        length = min(int(self.headers.get("Content-Length", 0)), MOST_BYTES)
        action = self.headers.get("SOAPAction", "").strip('"')
        status, content = answered(action, self.rfile.read(length))
        envelope = f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{content}</s:Body></s:Envelope>'.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(envelope)))
        self.end_headers()
        self.wfile.write(envelope)

host, _, port = os.environ.get("CARUSO_LISTEN", "127.0.0.1:8090").rpartition(":")
# one at a time, as the file is its own
http.server.HTTPServer((host, int(port)), Erp).serve_forever()
