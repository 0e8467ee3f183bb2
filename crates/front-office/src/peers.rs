//! The components that the front office talks to, each found through the service manager.

use caruso_api::contact::v1::agents_client::AgentsClient;
use caruso_api::contact::v1::contacts_client::ContactsClient;
use caruso_api::contact::v1::recordings_client::RecordingsClient;
use caruso_api::contact::v1::supervision_client::SupervisionClient;
use caruso_api::demo::v1::demo_client::DemoClient;
use caruso_api::identity::v1::identity_client::IdentityClient;
use caruso_api::monitor::v1::monitor_client::MonitorClient;
use caruso_api::registry::v1::registry_client::RegistryClient;
use caruso_api::script::v1::script_engine_client::ScriptEngineClient;
use caruso_api::storage::v1::storage_manager_client::StorageManagerClient;
use caruso_api::telephony::v1::telephone_client::TelephoneClient;
use caruso_component::{Component, Handle, InterfaceChannel, REGISTRY};

const DEMO: &str = "caruso.demo.v1.Demo";

/// Clients of the interfaces that the front office uses. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Peers {
    pub(crate) agents: AgentsClient<InterfaceChannel>,
    pub(crate) contacts: ContactsClient<InterfaceChannel>,
    pub(crate) demo: DemoClient<InterfaceChannel>,
    pub(crate) identity: IdentityClient<InterfaceChannel>,
    pub(crate) monitor: MonitorClient<InterfaceChannel>,
    pub(crate) registry: RegistryClient<InterfaceChannel>,
    pub(crate) recordings: RecordingsClient<InterfaceChannel>,
    pub(crate) scripts: ScriptEngineClient<InterfaceChannel>,
    pub(crate) storage: StorageManagerClient<InterfaceChannel>,
    pub(crate) supervision: SupervisionClient<InterfaceChannel>,
    pub(crate) telephone: TelephoneClient<InterfaceChannel>,
    demo_offers: Handle,
    /// Whether everything is in the clear and nobody proves who they are.
    pub(crate) is_development: bool,
}

impl Peers {
    pub(crate) fn of(component: &Component) -> Self {
        let caller = |interface: &str| component.caller(interface);
        Self {
            agents: AgentsClient::new(caller("caruso.contact.v1.Agents")),
            contacts: ContactsClient::new(caller("caruso.contact.v1.Contacts")),
            demo: DemoClient::new(caller(DEMO)),
            identity: IdentityClient::new(caller("caruso.identity.v1.Identity")),
            monitor: MonitorClient::new(caller("caruso.monitor.v1.Monitor")),
            registry: RegistryClient::new(caller(REGISTRY)),
            recordings: RecordingsClient::new(caller("caruso.contact.v1.Recordings")),
            scripts: ScriptEngineClient::new(caller("caruso.script.v1.ScriptEngine")),
            storage: StorageManagerClient::new(caller("caruso.storage.v1.StorageManager")),
            supervision: SupervisionClient::new(caller("caruso.contact.v1.Supervision")),
            telephone: TelephoneClient::new(caller("caruso.telephony.v1.Telephone")),
            demo_offers: component.directory().handle(DEMO),
            is_development: component.is_in_development(),
        }
    }

    /// Whether somebody offers a simulated customer and demo phones now.
    pub(crate) fn has_demo(&self) -> bool {
        self.demo_offers.snapshot().offers().next().is_some()
    }
}
