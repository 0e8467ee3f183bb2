"""An ERP over SOAP 1.1, document/literal: service orders, done once for each key. It listens on a
port of its own and prints which."""
import http.server, time
import xml.etree.ElementTree as xml

S, E = "{http://schemas.xmlsoap.org/soap/envelope/}", "{urn:example:erp}"
ORDERS, KEYS = {}, {}

class Fault(Exception):
    pass

def create(asked):
    text = lambda name: asked.findtext(E + name)
    key = text("requestId")
    if text("customer") == "blocked":
        detail = "<e:Blocked xmlns:e='urn:example:erp'/>"
        raise Fault("Server", "The ERP has blocked this customer.", detail)
    if text("customer") == "nobody":
        raise Fault("Client", "The ERP has no such customer.", "")
    if text("customer") == "broken":
        raise Fault("Server", "java.lang.NullPointerException", "")
    if text("customer") == "slow":
        time.sleep(5)
    if key not in KEYS:
        KEYS[key] = f"SO-{10001 + len(ORDERS)}"
        ORDERS[KEYS[key]] = asked.findtext(f"{E}address/{E}city", "")
    planned = "soon" if text("customer") == "odd" else "2026-12-24"
    tags = "".join(f"<tag>{it.text}</tag>" for it in asked.findall(E + "tag"))
    return f"<CreateServiceOrderResponse xmlns='urn:example:erp'><order>{KEYS[key]}</order>" \
           f"<planned>{planned}</planned>{tags}</CreateServiceOrderResponse>"

def cancel(asked):
    if asked.findtext(E + "order") not in ORDERS:
        raise Fault("Client", "The ERP has no such order.", "")
    return "<CancelServiceOrderResponse xmlns='urn:example:erp'/>"

DO = {"urn:example:erp/create": create, "urn:example:erp/cancel": cancel}

class Erp(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = 200
        try:
            asked = xml.fromstring(body).find(S + "Body")[0]
            content = DO[self.headers["SOAPAction"].strip('"')](asked)
        except Fault as fault:
            code, words, detail = fault.args
            status = 500
            content = f"<s:Fault><faultcode>s:{code}</faultcode>" \
                      f"<faultstring>{words}</faultstring><detail>{detail}</detail></s:Fault>"
        data = f"<s:Envelope xmlns:s='{S[1:-1]}'><s:Body>{content}</s:Body></s:Envelope>".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Erp)
print(server.server_address[1], flush=True)
server.serve_forever()
