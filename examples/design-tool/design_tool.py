"""A design tool in a hundred lines: joins, logs an administrator in, and asks the modeler.

    pip install grpcio grpcio-tools
    export PYTHONPATH=proto CARUSO_PASSWORD=demo
    python3 examples/design-tool/design_tool.py databases
    python3 examples/design-tool/design_tool.py import crm > crm.xml
    python3 examples/design-tool/design_tool.py check crm crm.xml
    python3 examples/design-tool/design_tool.py measure crm crm.xml
    python3 examples/design-tool/design_tool.py plan utilities
    python3 examples/design-tool/design_tool.py apply utilities DIGEST

CARUSO_SERVICE_MANAGER is where the service manager listens (127.0.0.1:7700), CARUSO_USER the
administrator (admin), CARUSO_JOIN_TOKEN_FILE the join token's file, with which connections are
mutual TLS (certified.py); without one they are in the clear, as in development mode. Files named
after the database are the model; without any, it is that of the application in force.
"""

import os
import queue
import sys

import grpc

from certified import Certified, InTheClear

identity, identity_rpc = grpc.protos_and_services("caruso/identity/v1/identity.proto")
modeler, modeler_rpc = grpc.protos_and_services("caruso/modeler/v1/modeler.proto")
registry, registry_rpc = grpc.protos_and_services("caruso/registry/v1/registry.proto")


class System:
    """A running system, joined as the component `design-tool` for as long as this object lives."""

    def __init__(self, address, join_token):
        certified = Certified("design-tool", address, join_token) if join_token else InTheClear()
        self.certified = certified
        channel = certified.channel("service-manager", address)
        self.registry = registry_rpc.RegistryStub(channel)
        self.requests = queue.SimpleQueue()
        hello = registry.Hello(component="design-tool", version="1.0.0")
        self.requests.put(registry.SessionRequest(hello=hello))
        # a tool that stays longer than the lease also sends a Beat at every beat_interval
        self.session = self.registry.Session(iter(self.requests.get, None))
        token = next(self.session).welcome.component_token
        # in development mode the token says who one is, else the certificate
        self.component = [("x-caruso-component", token)] if token else []

    def log_in(self, user, password):
        """What goes with calls for this user; the registry wants to know of no user."""
        request = identity.LogInRequest(user=user, password=password)
        stub = self.stub(identity_rpc.IdentityStub, "caruso.identity.v1.Identity")
        token = stub.LogIn(request, metadata=self.component).token
        return [*self.component, ("authorization", f"Bearer {token}")]

    def stub(self, kind, interface):
        """Whoever offers an interface now."""
        request = registry.ResolveRequest(interface=interface)
        offers = self.registry.Resolve(request, metadata=self.component).offers
        if not offers:
            sys.exit(f"nobody offers {interface}")
        host = offers[0].address.split("://")[1]
        return kind(self.certified.channel(offers[0].component, host))

    def leave(self):
        self.requests.put(registry.SessionRequest(goodbye=registry.Goodbye()))
        self.requests.put(None)
        for _ in self.session:
            pass  # until the manager has ended it, too


def model(paths):
    """The files of a model; nothing means that of the application in force."""
    files = [modeler.File(name=path, content=open(path, "rb").read()) for path in paths]
    return modeler.Model(files=files) if files else None


def run(stub, metadata, command, arguments):
    """Asks, and prints what comes; how many things are wrong."""
    if command == "databases":
        answer = stub.ListDatabases(modeler.ListDatabasesRequest(), metadata=metadata)
        for it in answer.databases:
            print(it.name, modeler.Engine.Name(it.engine), "owned" if it.is_owned else "foreign")
        return 0
    database, *rest = arguments
    if command == "import":
        request = modeler.ImportRequest(database=database)
        for answer in stub.Import(request, metadata=metadata):
            if answer.HasField("file"):
                print(answer.file.content.decode(), end="")
            else:
                print(answer.progress.at, "of", answer.progress.of, file=sys.stderr)
        return 0
    if command == "check":
        request = modeler.CheckRequest(database=database, model=model(rest))
        answer = stub.Check(request, metadata=metadata)
        for it in answer.findings:
            print(f"{it.file}:{it.line}:{it.column}: {it.message} [{it.code}] {it.hint}".rstrip())
        for page in answer.pages:
            print(f"\n{page.code}: {page.title}\n\n{page.text}")
        return sum(it.severity == modeler.SEVERITY_ERROR for it in answer.findings)
    if command == "measure":
        request = modeler.MeasureRequest(database=database, model=model(rest))
        wrong = 0
        for answer in stub.Measure(request, metadata=metadata):
            if answer.HasField("class"):
                it = getattr(answer, "class")
                print(getattr(it, "class"), it.rows)
                for sentence in it.sentences:
                    print("  !", sentence.member, sentence.text)
                wrong += len(it.sentences)
        return wrong
    digest = rest.pop(0) if command == "apply" else ""
    plan = modeler.PlanRequest(database=database, model=model(rest))
    if command == "apply":
        request = modeler.ApplyRequest(plan=plan, digest=digest)
        for answer in stub.Apply(request, metadata=metadata):
            print(answer.at, "of", answer.of, answer.step.what)
        return 0
    answer = stub.Plan(plan, metadata=metadata)
    for step in answer.steps:
        print(f"{modeler.Risk.Name(step.risk)}: {step.what}\n    {step.statement}")
    print(answer.digest)
    return 0


def main():
    commands = {"databases": 2, "import": 3, "check": 3, "measure": 3, "plan": 3, "apply": 4}
    if len(sys.argv) < commands.get(sys.argv[1] if len(sys.argv) > 1 else "", 100):
        sys.exit(__doc__)
    token_file = os.environ.get("CARUSO_JOIN_TOKEN_FILE")
    token = open(token_file).read().strip() if token_file else ""
    system = System(os.environ.get("CARUSO_SERVICE_MANAGER", "127.0.0.1:7700"), token)
    try:
        user, password = os.environ.get("CARUSO_USER", "admin"), os.environ["CARUSO_PASSWORD"]
        metadata = system.log_in(user, password)
        stub = system.stub(modeler_rpc.ModelerStub, "caruso.modeler.v1.Modeler")
        wrong = run(stub, metadata, sys.argv[1], sys.argv[2:])
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name}: {error.details()}")
    finally:
        system.leave()
    sys.exit(1 if wrong else 0)


main()
