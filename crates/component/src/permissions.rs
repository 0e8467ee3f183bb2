//! Who may call what: one row for every rpc. What no row grants is denied.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use Grant::{AnyComponent, Anyone, Browser, For, Itself};

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Talks with customers.
    Agent,
    /// Watches over agents, reads reports.
    Supervisor,
    /// Manages the installation.
    Administrator,
}

impl Role {
    /// As models and files of users write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
        }
    }
}

/// One way to be allowed to call an rpc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// Everybody; tokens are not even looked at. Over TLS everybody with a certificate, which the
    /// one rpc by which it is had does not need.
    Anyone,
    /// Every component that has proved who it is.
    AnyComponent,
    /// This component, on its own behalf.
    Itself(&'static str),
    /// This component, with the token of a user who has one of the roles.
    For(&'static str, &'static [Role]),
    /// A browser: the token of a user who has one of the roles, and no component token.
    Browser(&'static [Role]),
}

/// One rpc: who may call it, how long it may take, whether it changes something.
#[derive(Debug, Clone, Copy)]
pub struct Rpc {
    /// `/package.Service/Method`.
    pub path: &'static str,
    /// Ways to be allowed; any one suffices.
    pub grants: &'static [Grant],
    /// How long the whole call may take; `None` for streams that live as long as both sides.
    pub deadline: Option<Duration>,
    /// Changes are written to the audit log.
    pub is_change: bool,
}

/// Names of the components that the table speaks of. Every other component is a wrapper.
pub mod names {
    /// Commands of the command line that ask a running system.
    pub const COMMAND_LINE: &str = "command-line";
    /// Contacts, queues, agents, telephony.
    pub const COMMUNICATION_SERVER: &str = "communication-server";
    /// Simulated customer and demo phone.
    pub const DEMO: &str = "demo";
    /// A program in which somebody designs an application.
    pub const DESIGN_TOOL: &str = "design-tool";
    /// The browser side.
    pub const FRONT_OFFICE: &str = "front-office";
    /// People.
    pub const IDENTITY: &str = "identity";
    /// Databases as business objects, for design tools.
    pub const MODELER: &str = "business-object-modeler";
    /// Live status and reports.
    pub const MONITOR: &str = "monitor";
    /// Dialogue scripts.
    pub const SCRIPT_ENGINE: &str = "script-engine";
    /// Pages that customers fill in.
    pub const SELF_SERVICE: &str = "self-service";
    /// The directory itself.
    pub const SERVICE_MANAGER: &str = "service-manager";
    /// Business objects.
    pub const STORAGE_MANAGER: &str = "storage-manager";

    /// All of them.
    pub const ALL: &[&str] = &[
        COMMAND_LINE,
        COMMUNICATION_SERVER,
        DEMO,
        DESIGN_TOOL,
        FRONT_OFFICE,
        IDENTITY,
        MODELER,
        MONITOR,
        SCRIPT_ENGINE,
        SELF_SERVICE,
        SERVICE_MANAGER,
        STORAGE_MANAGER,
    ];
}
use names::{
    COMMAND_LINE, COMMUNICATION_SERVER, DEMO, DESIGN_TOOL, FRONT_OFFICE, IDENTITY, MODELER,
    MONITOR, SCRIPT_ENGINE, SELF_SERVICE, STORAGE_MANAGER,
};

const ADMINISTRATOR: &[Role] = &[Role::Administrator];
const AGENT: &[Role] = &[Role::Agent];
const AGENT_OR_SUPERVISOR: &[Role] = &[Role::Agent, Role::Supervisor];
const SUPERVISOR: &[Role] = &[Role::Supervisor, Role::Administrator];
const SUPERVISOR_ALONE: &[Role] = &[Role::Supervisor];
const OVERSEER: &[Grant] = &[For(FRONT_OFFICE, SUPERVISOR_ALONE)];
const REPORTED: &[Grant] = &[For(FRONT_OFFICE, SUPERVISOR), Itself(COMMAND_LINE)];
const DESIGNER: &[Grant] = &[For(DESIGN_TOOL, ADMINISTRATOR)];
const STAFF: &[Role] = &[Role::Agent, Role::Supervisor, Role::Administrator];

/// A unary call, or a stream that ends by itself, that changes nothing.
const fn read(path: &'static str, milliseconds: u64, grants: &'static [Grant]) -> Rpc {
    Rpc { path, grants, deadline: Some(Duration::from_millis(milliseconds)), is_change: false }
}

/// A call that changes something.
const fn change(path: &'static str, milliseconds: u64, grants: &'static [Grant]) -> Rpc {
    Rpc { path, grants, deadline: Some(Duration::from_millis(milliseconds)), is_change: true }
}

/// A stream without an end of its own.
const fn stream(path: &'static str, grants: &'static [Grant]) -> Rpc {
    Rpc { path, grants, deadline: None, is_change: false }
}

/// A stream of changes without a deadline.
const fn changes(path: &'static str, grants: &'static [Grant]) -> Rpc {
    Rpc { path, grants, deadline: None, is_change: true }
}

/// Every rpc there is, sorted by path. Deadlines as the proto files state them.
pub const TABLE: &[Rpc] = &[
    change("/caruso.contact.v1.Agents/Accept", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/CallBack", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/CompleteConsultation", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/Confer", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/Consult", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/Decline", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/Dial", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/Dispose", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/EndConsultation", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/HangUp", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/Hold", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    read("/caruso.contact.v1.Agents/ListDestinations", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/Retrieve", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/SetState", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/SignIn", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/SignOut", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/TakeUp", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.contact.v1.Agents/Transfer", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    stream("/caruso.contact.v1.Agents/Watch", &[For(FRONT_OFFICE, AGENT)]),
    stream("/caruso.contact.v1.Contacts/Export", &[Itself(COMMAND_LINE)]),
    read(
        "/caruso.contact.v1.Contacts/Get",
        2_000,
        &[For(FRONT_OFFICE, STAFF), Itself(COMMAND_LINE)],
    ),
    change("/caruso.contact.v1.Contacts/Identify", 2_000, &[For(FRONT_OFFICE, AGENT)]),
    read(
        "/caruso.contact.v1.Contacts/List",
        2_000,
        &[For(FRONT_OFFICE, STAFF), Itself(COMMAND_LINE)],
    ),
    read(
        "/caruso.contact.v1.Contacts/ListAbandoned",
        2_000,
        &[For(FRONT_OFFICE, AGENT_OR_SUPERVISOR)],
    ),
    stream("/caruso.contact.v1.Contacts/WatchEvents", &[Itself(MONITOR)]),
    change("/caruso.contact.v1.Conversations/Report", 2_000, &[Itself(SCRIPT_ENGINE)]),
    stream("/caruso.contact.v1.Recordings/Read", &[For(FRONT_OFFICE, AGENT_OR_SUPERVISOR)]),
    change("/caruso.contact.v1.Supervision/BringForward", 2_000, OVERSEER),
    change("/caruso.contact.v1.Supervision/EndContact", 2_000, OVERSEER),
    change("/caruso.contact.v1.Supervision/ImposeState", 2_000, OVERSEER),
    change("/caruso.contact.v1.Supervision/Listen", 2_000, OVERSEER),
    change("/caruso.contact.v1.Supervision/MoveContact", 2_000, OVERSEER),
    change("/caruso.contact.v1.Supervision/SetPriority", 2_000, OVERSEER),
    change("/caruso.contact.v1.Supervision/StopListening", 2_000, OVERSEER),
    change("/caruso.contact.v1.Supervision/TakeOver", 2_000, OVERSEER),
    stream("/caruso.contact.v1.Supervision/WatchFloor", OVERSEER),
    stream("/caruso.demo.v1.Demo/Call", &[For(FRONT_OFFICE, STAFF)]),
    stream("/caruso.demo.v1.Demo/Phone", &[For(FRONT_OFFICE, AGENT)]),
    change("/caruso.desk.v1.Desk/Accept", 2_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/Answer", 3_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/AnswerPage", 3_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/BringForward", 2_000, &[Browser(SUPERVISOR_ALONE)]),
    change("/caruso.desk.v1.Desk/CallBack", 2_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/ChooseCustomer", 2_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/CompleteConsultation", 2_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/Confer", 2_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/Consult", 2_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/Decline", 2_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/Dial", 2_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/Dispose", 3_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/EndConsultation", 2_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/EndContact", 2_000, &[Browser(SUPERVISOR_ALONE)]),
    read("/caruso.desk.v1.Desk/ExportReport", 20_000, &[Browser(SUPERVISOR)]),
    change("/caruso.desk.v1.Desk/HangUp", 2_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/Hold", 2_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/ImposeState", 2_000, &[Browser(SUPERVISOR_ALONE)]),
    change("/caruso.desk.v1.Desk/Interrupt", 3_000, &[Browser(AGENT)]),
    read("/caruso.desk.v1.Desk/ListAbandoned", 3_000, &[Browser(AGENT_OR_SUPERVISOR)]),
    read("/caruso.desk.v1.Desk/ListComponents", 3_000, &[Browser(ADMINISTRATOR)]),
    read("/caruso.desk.v1.Desk/ListContacts", 3_000, &[Browser(STAFF)]),
    read("/caruso.desk.v1.Desk/ListDestinations", 2_000, &[Browser(AGENT)]),
    read("/caruso.desk.v1.Desk/ListReportContacts", 10_000, &[Browser(SUPERVISOR)]),
    read("/caruso.desk.v1.Desk/ListReports", 2_000, &[Browser(SUPERVISOR)]),
    change("/caruso.desk.v1.Desk/Listen", 2_000, &[Browser(SUPERVISOR_ALONE)]),
    change("/caruso.desk.v1.Desk/LogIn", 5_000, &[Anyone]),
    change("/caruso.desk.v1.Desk/LogOut", 2_000, &[Browser(STAFF)]),
    change("/caruso.desk.v1.Desk/MoveContact", 2_000, &[Browser(SUPERVISOR_ALONE)]),
    read("/caruso.desk.v1.Desk/Resume", 2_000, &[Anyone]),
    change("/caruso.desk.v1.Desk/Retrieve", 2_000, &[Browser(AGENT)]),
    read("/caruso.desk.v1.Desk/RunReport", 10_000, &[Browser(SUPERVISOR)]),
    change("/caruso.desk.v1.Desk/SetPriority", 2_000, &[Browser(SUPERVISOR_ALONE)]),
    change("/caruso.desk.v1.Desk/SetState", 2_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/StopListening", 2_000, &[Browser(SUPERVISOR_ALONE)]),
    change("/caruso.desk.v1.Desk/TakeOver", 2_000, &[Browser(SUPERVISOR_ALONE)]),
    change("/caruso.desk.v1.Desk/TakeUp", 2_000, &[Browser(AGENT)]),
    change("/caruso.desk.v1.Desk/Transfer", 2_000, &[Browser(AGENT)]),
    stream("/caruso.desk.v1.Desk/WatchDesk", &[Browser(AGENT)]),
    stream("/caruso.desk.v1.Desk/WatchFloor", &[Browser(SUPERVISOR_ALONE)]),
    stream("/caruso.desk.v1.Desk/WatchStatus", &[Browser(STAFF)]),
    read(
        "/caruso.identity.v1.Identity/GetDeviceCredential",
        2_000,
        &[Itself(COMMUNICATION_SERVER), Itself(DEMO)],
    ),
    read(
        "/caruso.identity.v1.Identity/ListAgents",
        2_000,
        &[Itself(COMMUNICATION_SERVER), Itself(FRONT_OFFICE), Itself(MONITOR)],
    ),
    read("/caruso.identity.v1.Identity/ListKeys", 2_000, &[AnyComponent]),
    change(
        "/caruso.identity.v1.Identity/LogIn",
        5_000,
        &[Itself(FRONT_OFFICE), Itself(DESIGN_TOOL), Itself(COMMAND_LINE)],
    ),
    change(
        "/caruso.identity.v1.Identity/LogOut",
        2_000,
        &[Itself(FRONT_OFFICE), Itself(DESIGN_TOOL), Itself(COMMAND_LINE)],
    ),
    read(
        "/caruso.identity.v1.Identity/Refresh",
        2_000,
        &[Itself(FRONT_OFFICE), Itself(DESIGN_TOOL)],
    ),
    change("/caruso.identity.v1.People/AddUser", 5_000, &[Itself(COMMAND_LINE)]),
    change("/caruso.identity.v1.People/ChangeUser", 5_000, &[Itself(COMMAND_LINE)]),
    read("/caruso.identity.v1.People/ListUsers", 2_000, &[Itself(COMMAND_LINE)]),
    change("/caruso.identity.v1.People/RemoveUser", 5_000, &[Itself(COMMAND_LINE)]),
    changes("/caruso.modeler.v1.Modeler/Apply", DESIGNER),
    read("/caruso.modeler.v1.Modeler/Check", 300_000, DESIGNER),
    stream("/caruso.modeler.v1.Modeler/Import", DESIGNER),
    read("/caruso.modeler.v1.Modeler/ListDatabases", 2_000, DESIGNER),
    stream("/caruso.modeler.v1.Modeler/Measure", DESIGNER),
    read("/caruso.modeler.v1.Modeler/Plan", 30_000, DESIGNER),
    read("/caruso.monitor.v1.Monitor/ExportReport", 20_000, REPORTED),
    read("/caruso.monitor.v1.Monitor/ListReportContacts", 10_000, REPORTED),
    read("/caruso.monitor.v1.Monitor/ListReports", 2_000, REPORTED),
    read("/caruso.monitor.v1.Monitor/RunReport", 10_000, REPORTED),
    stream("/caruso.monitor.v1.Monitor/WatchStatus", &[For(FRONT_OFFICE, STAFF)]),
    change("/caruso.registry.v1.Enrolment/Enrol", 5_000, &[Anyone]),
    change("/caruso.registry.v1.Enrolment/Renew", 5_000, &[AnyComponent]),
    change("/caruso.registry.v1.JoinTokens/CreateJoinToken", 2_000, &[Itself(COMMAND_LINE)]),
    read("/caruso.registry.v1.JoinTokens/ListJoinTokens", 2_000, &[Itself(COMMAND_LINE)]),
    change("/caruso.registry.v1.JoinTokens/RevokeJoinToken", 2_000, &[Itself(COMMAND_LINE)]),
    change("/caruso.registry.v1.Registry/Drain", 30_000, &[Itself(COMMAND_LINE)]),
    change("/caruso.registry.v1.Registry/Expire", 2_000, &[Itself(COMMAND_LINE)]),
    read("/caruso.registry.v1.Registry/GetRelease", 30_000, &[AnyComponent]),
    read(
        "/caruso.registry.v1.Registry/ListComponents",
        2_000,
        &[Itself(COMMAND_LINE), Itself(FRONT_OFFICE)],
    ),
    read("/caruso.registry.v1.Registry/ListContracts", 2_000, &[Itself(COMMAND_LINE)]),
    change("/caruso.registry.v1.Registry/Publish", 90_000, &[Itself(COMMAND_LINE)]),
    change("/caruso.registry.v1.Registry/PutContract", 5_000, &[AnyComponent]),
    change("/caruso.registry.v1.Registry/Replace", 90_000, &[Itself(COMMAND_LINE)]),
    read("/caruso.registry.v1.Registry/Resolve", 2_000, &[AnyComponent]),
    change("/caruso.registry.v1.Registry/RollBack", 90_000, &[Itself(COMMAND_LINE)]),
    // Over TLS, the guard wants a certificate for everything but Enrol; in development, whoever is
    // on this machine may join.
    stream("/caruso.registry.v1.Registry/Session", &[Anyone]),
    stream("/caruso.registry.v1.Registry/Watch", &[AnyComponent]),
    change("/caruso.script.v1.MessageDialogue/Begin", 10_000, &[Itself(COMMUNICATION_SERVER)]),
    change("/caruso.script.v1.MessageDialogue/Reply", 10_000, &[Itself(COMMUNICATION_SERVER)]),
    read("/caruso.script.v1.ScriptCatalogue/List", 5_000, DESIGNER),
    read("/caruso.script.v1.ScriptCatalogue/Validate", 30_000, DESIGNER),
    change(
        "/caruso.script.v1.ScriptEngine/Answer",
        2_000,
        &[For(FRONT_OFFICE, AGENT), Itself(COMMUNICATION_SERVER), Itself(SELF_SERVICE)],
    ),
    change(
        "/caruso.script.v1.ScriptEngine/AnswerPage",
        2_000,
        &[For(FRONT_OFFICE, AGENT), Itself(SELF_SERVICE)],
    ),
    change(
        "/caruso.script.v1.ScriptEngine/Cancel",
        2_000,
        &[For(FRONT_OFFICE, AGENT), Itself(COMMUNICATION_SERVER)],
    ),
    change(
        "/caruso.script.v1.ScriptEngine/Continue",
        2_000,
        &[For(FRONT_OFFICE, AGENT), Itself(FRONT_OFFICE), Itself(COMMUNICATION_SERVER)],
    ),
    change(
        "/caruso.script.v1.ScriptEngine/HangUp",
        2_000,
        &[For(FRONT_OFFICE, AGENT), Itself(COMMUNICATION_SERVER)],
    ),
    read(
        "/caruso.script.v1.ScriptEngine/History",
        2_000,
        &[For(FRONT_OFFICE, SUPERVISOR), Itself(COMMAND_LINE)],
    ),
    change(
        "/caruso.script.v1.ScriptEngine/Interrupt",
        2_000,
        &[For(FRONT_OFFICE, AGENT), Itself(SELF_SERVICE)],
    ),
    change(
        "/caruso.script.v1.ScriptEngine/Start",
        2_000,
        &[For(FRONT_OFFICE, AGENT), Itself(COMMUNICATION_SERVER), Itself(SELF_SERVICE)],
    ),
    stream(
        "/caruso.script.v1.ScriptEngine/Watch",
        &[
            For(FRONT_OFFICE, AGENT),
            Itself(FRONT_OFFICE),
            Itself(COMMUNICATION_SERVER),
            Itself(SELF_SERVICE),
        ],
    ),
    read(
        "/caruso.storage.v1.StorageManager/Aggregate",
        10_000,
        &[For(FRONT_OFFICE, SUPERVISOR), Itself(COMMAND_LINE)],
    ),
    change(
        "/caruso.storage.v1.StorageManager/Apply",
        10_000,
        &[Itself(SCRIPT_ENGINE), Itself(COMMUNICATION_SERVER)],
    ),
    read(
        "/caruso.storage.v1.StorageManager/Describe",
        2_000,
        &[Itself(FRONT_OFFICE), Itself(SCRIPT_ENGINE), Itself(COMMAND_LINE)],
    ),
    read(
        "/caruso.storage.v1.StorageManager/Fetch",
        5_000,
        &[For(FRONT_OFFICE, AGENT_OR_SUPERVISOR), Itself(SCRIPT_ENGINE), Itself(COMMAND_LINE)],
    ),
    read(
        "/caruso.storage.v1.StorageManager/FindByNumber",
        1_000,
        &[For(FRONT_OFFICE, AGENT_OR_SUPERVISOR), Itself(SCRIPT_ENGINE)],
    ),
    read(
        "/caruso.storage.v1.StorageManager/Get",
        2_000,
        &[For(FRONT_OFFICE, AGENT_OR_SUPERVISOR), Itself(SCRIPT_ENGINE), Itself(COMMAND_LINE)],
    ),
    read(
        "/caruso.storage.v1.StorageManager/GetMany",
        5_000,
        &[For(FRONT_OFFICE, AGENT_OR_SUPERVISOR), Itself(SCRIPT_ENGINE), Itself(COMMAND_LINE)],
    ),
    read(
        "/caruso.storage.v1.StorageManager/History",
        2_000,
        &[For(FRONT_OFFICE, AGENT_OR_SUPERVISOR), Itself(COMMAND_LINE)],
    ),
    read(
        "/caruso.storage.v1.StorageManager/Query",
        5_000,
        &[For(FRONT_OFFICE, AGENT_OR_SUPERVISOR), Itself(SCRIPT_ENGINE), Itself(COMMAND_LINE)],
    ),
    stream(
        "/caruso.storage.v1.StorageManager/Stream",
        &[For(FRONT_OFFICE, SUPERVISOR), Itself(COMMAND_LINE)],
    ),
    read(
        "/caruso.storage.v1.StorageManager/Validate",
        5_000,
        &[Itself(SCRIPT_ENGINE), Itself(COMMUNICATION_SERVER)],
    ),
    stream("/caruso.storage.v1.StorageManager/Watch", &[Itself(COMMAND_LINE)]),
    stream("/caruso.telephony.v1.Telephone/Connect", &[For(FRONT_OFFICE, AGENT_OR_SUPERVISOR)]),
    read("/caruso.telephony.v1.Telephone/Describe", 2_000, &[Itself(COMMAND_LINE)]),
    read("/caruso.wrapper.v1.Actions/Describe", 2_000, &[Itself(SCRIPT_ENGINE)]),
    change("/caruso.wrapper.v1.Actions/Invoke", 10_000, &[Itself(SCRIPT_ENGINE)]),
    change("/caruso.wrapper.v1.Objects/Apply", 5_000, &[Itself(STORAGE_MANAGER)]),
    read("/caruso.wrapper.v1.Objects/Get", 5_000, &[Itself(STORAGE_MANAGER)]),
    read("/caruso.wrapper.v1.Objects/Query", 5_000, &[Itself(STORAGE_MANAGER)]),
    read("/grpc.health.v1.Health/Check", 2_000, &[Anyone]),
    stream("/grpc.health.v1.Health/Watch", &[Anyone]),
    stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        &[Itself(COMMAND_LINE), Itself(DESIGN_TOOL)],
    ),
];

/// The row of an rpc.
pub fn rpc(path: &str) -> Option<&'static Rpc> {
    TABLE.binary_search_by(|row| row.path.cmp(path)).ok().map(|index| &TABLE[index])
}

impl Rpc {
    /// Whether a call that was sent may be sent again: it changes nothing, and its request is one
    /// message.
    pub fn is_repeatable(&self) -> bool {
        !self.is_change && self.deadline.is_some()
    }

    /// Whether this caller may call it: the component by name, the roles of the user beside it. An
    /// administrator may try every rpc that components call, from the command line.
    pub fn permits(&self, component: Option<&str>, roles: Option<&[Role]>) -> bool {
        let has = |wanted: &[Role]| {
            roles.is_some_and(|roles| roles.iter().any(|role| wanted.contains(role)))
        };
        if component == Some(COMMAND_LINE) && has(&[Role::Administrator]) {
            return true;
        }
        self.grants.iter().any(|grant| match grant {
            Anyone => true,
            AnyComponent => component.is_some(),
            Itself(name) => component == Some(name),
            For(name, wanted) => component == Some(name) && has(wanted),
            Browser(wanted) => component.is_none() && has(wanted),
        })
    }

    /// Whether this component calls it on behalf of a user, so that the user's token goes with it.
    pub fn wants_user_of(&self, component: &str) -> bool {
        component == COMMAND_LINE
            || self.grants.iter().any(|grant| matches!(grant, For(name, _) if *name == component))
    }

    /// Whether everybody may call it, so that no token goes with it and none is looked at.
    pub fn is_open(&self) -> bool {
        self.grants.contains(&Anyone)
    }
}

/// Whether a component may learn who offers an interface, and where. The components that this table
/// speaks of see each other; every other one sees only what it may call.
pub fn may_see(component: &str, interface: &str) -> bool {
    let is_of = |row: &&Rpc| {
        let service = row.path.strip_prefix('/').and_then(|path| path.split_once('/'));
        service.is_some_and(|(service, _)| service == interface)
    };
    let may_call = |row: &Rpc| {
        row.grants.iter().any(|grant| match grant {
            AnyComponent => true,
            Itself(name) | For(name, _) => *name == component,
            Anyone | Browser(_) => false,
        })
    };
    names::ALL.contains(&component) || TABLE.iter().filter(is_of).any(may_call)
}

/// Whether a component may offer an interface. A component has no more than its own interfaces; a
/// wrapper, which is any component this table does not know, offers actions and objects only.
pub fn may_offer(component: &str, interface: &str) -> bool {
    match interface {
        "caruso.contact.v1.Agents"
        | "caruso.contact.v1.Contacts"
        | "caruso.contact.v1.Conversations"
        | "caruso.contact.v1.Recordings"
        | "caruso.contact.v1.Supervision"
        | "caruso.telephony.v1.Telephone" => component == COMMUNICATION_SERVER,
        "caruso.demo.v1.Demo" => component == DEMO,
        "caruso.desk.v1.Desk" => component == FRONT_OFFICE,
        "caruso.identity.v1.Identity" | "caruso.identity.v1.People" => component == IDENTITY,
        "caruso.modeler.v1.Modeler" => component == MODELER,
        "caruso.monitor.v1.Monitor" => component == MONITOR,
        "caruso.script.v1.MessageDialogue"
        | "caruso.script.v1.ScriptCatalogue"
        | "caruso.script.v1.ScriptEngine" => component == SCRIPT_ENGINE,
        "caruso.storage.v1.StorageManager" => component == STORAGE_MANAGER,
        // without rpcs: where browsers find the pages
        "caruso.web.v1.Pages" => component == SELF_SERVICE,
        "caruso.wrapper.v1.Actions" | "caruso.wrapper.v1.Objects" => {
            !names::ALL.contains(&component)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rpc_has_a_row_and_every_row_an_rpc() {
        let mut expected = caruso_api::methods();
        expected.extend(["Check", "Watch"].map(|name| format!("/grpc.health.v1.Health/{name}")));
        expected.push("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo".to_owned());
        let rows: Vec<&str> = TABLE.iter().map(|row| row.path).collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn what_may_be_sent_again_is_one_message() {
        use prost::Message as _;
        let descriptors = prost_types::FileDescriptorSet::decode(caruso_api::DESCRIPTORS);
        let mut seen = 0;
        for file in descriptors.expect("a descriptor set").file {
            for service in &file.service {
                for method in &service.method {
                    let (package, service) = (file.package(), service.name());
                    let path = format!("/{package}.{service}/{}", method.name());
                    let row = rpc(&path).expect("every rpc has one");
                    seen += usize::from(row.is_repeatable());
                    assert!(!(row.is_repeatable() && method.client_streaming()), "{path}");
                }
            }
        }
        assert!(seen > 10, "{seen}");
    }

    #[test]
    fn a_foreign_component_sees_no_more_than_it_may_call() {
        let interfaces: std::collections::BTreeSet<&str> =
            TABLE.iter().filter_map(|row| row.path[1..].split('/').next()).collect();
        let seen = |component| -> Vec<&str> {
            interfaces.iter().copied().filter(|it| may_see(component, it)).collect()
        };
        let expected = [
            "caruso.identity.v1.Identity",
            "caruso.registry.v1.Enrolment",
            "caruso.registry.v1.Registry",
        ];
        assert_eq!(seen("a-wrapper"), expected);
        assert_eq!(seen(SCRIPT_ENGINE).len(), interfaces.len());
    }

    /// Every pair of rpc and identity, written out: a change of the table shows in review.
    #[test]
    fn the_matrix_of_permissions_is_as_reviewed() {
        let users: [(&str, Option<&[Role]>); 4] = [
            ("", None),
            (" for agent", Some(&[Role::Agent])),
            (" for supervisor", Some(&[Role::Supervisor])),
            (" for administrator", Some(&[Role::Administrator])),
        ];
        let mut components: Vec<Option<&str>> = vec![None];
        components.extend(names::ALL.iter().map(|name| Some(*name)));
        components.push(Some("a-wrapper"));
        let mut matrix = String::new();
        for row in TABLE {
            let mut lines = Vec::new();
            for component in &components {
                let name = component.unwrap_or("no component");
                let permitted: Vec<&str> = users
                    .iter()
                    .filter(|(_, roles)| row.permits(*component, *roles))
                    .map(|(label, _)| *label)
                    .collect();
                match permitted.len() {
                    0 => {}
                    4 => lines.push(name.to_owned()),
                    _ => lines.extend(permitted.iter().map(|label| format!("{name}{label}"))),
                }
            }
            matrix.push_str(&format!("{}\n  {}\n", row.path, lines.join("\n  ")));
        }
        insta::assert_snapshot!(matrix);
    }
}
