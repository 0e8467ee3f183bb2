//! Every component by name, each with what its installation tells it.

use std::collections::BTreeMap;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use caruso_business_object_modeler::service as modeler;
use caruso_component::Options;
use caruso_component::permissions::names::{MODELER, SELF_SERVICE};
use caruso_identity::Demo;
use caruso_script_engine::Mailer;
use caruso_sip::Network;
use caruso_storage_manager::{Address, DatabaseOptions};
use tokio_util::sync::CancellationToken;

use crate::site::{Database, SelfService, Sip, Site, Trunk, remote_phones};
use crate::turn::{self, Turn};
use crate::{demo, explain};

/// The components that every application has, in the order of the architecture page; that of
/// self-service only where something is published on the web.
pub(crate) const ALL: [&str; 8] = [
    "identity",
    "storage-manager",
    MODELER,
    "script-engine",
    "communication-server",
    "monitor",
    "front-office",
    SELF_SERVICE,
];

/// What a component is told beside its name.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// How every component joins, and where it listens.
    pub(crate) component: Options,
    /// Folder in which each component has its own.
    pub(crate) data: PathBuf,
    pub(crate) site: Site,
    /// File of users to begin with, where there is one.
    pub(crate) users: Option<PathBuf>,
    /// Whether new tables of our own are filled with the application's data.
    pub(crate) has_demo_data: bool,
}

impl Setting {
    fn options(&self, folder: &Path) -> Options {
        self.component.clone().with_data(folder)
    }

    /// What sends e-mails. In a demo nobody gets any: they are files in the engine's folder.
    fn mailer(&self, folder: &Path) -> anyhow::Result<Option<Mailer>> {
        match &self.site.mail {
            Some(mail) => mail.mailer().map(Some),
            None if self.has_demo_data => {
                let folder = folder.join("mail");
                Ok(Some(Mailer::to_folder(&folder, "Demo <demo@example.org>")?))
            }
            None => Ok(None),
        }
    }

    /// Waits until one component takes the place of the process that serves it; nothing where it
    /// was stopped before.
    pub(crate) async fn stand_by(
        &self,
        name: &str,
        shutdown: CancellationToken,
    ) -> anyhow::Result<Option<Turn>> {
        let folder = self.data.join(name);
        make_private(&folder)?;
        let Site { http, self_service, sip, .. } = &self.site;
        let at = [self.component.listen, http.listen, self_service.listen, sip.listen];
        turn::stand_by(self.options(&folder), name, &folder, &at, shutdown).await
    }

    /// Runs one component until `shutdown`, or until it cannot go on; with the turn that it has
    /// from standing by, if it did.
    pub(crate) async fn run(
        self,
        name: &str,
        turn: Option<Turn>,
        shutdown: CancellationToken,
    ) -> anyhow::Result<()> {
        let folder = self.data.join(name);
        make_private(&folder)?;
        let mut turn = turn.map_or_else(|| Turn::take(name, &folder), Ok)?;
        let component = self.options(&folder);
        match name {
            "identity" => {
                let demo = self.demo()?;
                let options = caruso_identity::Options { component, demo };
                caruso_identity::run(options, shutdown).await?;
            }
            "storage-manager" => {
                let installation = self.storage_manager(folder)?;
                let options = caruso_storage_manager::Options { component, installation };
                // its future is too large to stand inside of another
                Box::pin(caruso_storage_manager::run(options, shutdown)).await?;
            }
            MODELER => {
                let installation = self.modeler()?;
                let page_of = explain::page_of;
                let options = modeler::Options { component, installation, page_of };
                Box::pin(modeler::run(options, shutdown)).await?;
            }
            "script-engine" => {
                let mailer = self.mailer(&folder)?;
                let settings = caruso_script_engine::Settings { mailer, ..Default::default() };
                caruso_script_engine::run(component, settings, shutdown).await?;
            }
            "communication-server" => {
                let mut options = self.communication_server(component, folder)?;
                options.predecessor = turn.predecessor.take();
                let rest = caruso_communication_server::run(options, shutdown.clone()).await?;
                // another process works in the folder from now on, and decides about our calls
                drop(turn);
                if let Some(rest) = rest {
                    rest.finish(shutdown).await;
                }
            }
            "monitor" => caruso_monitor::run(component, shutdown).await?,
            "front-office" => {
                let http = self.site.http.listen;
                let options = caruso_front_office::Options { component, http };
                let front_office = caruso_front_office::FrontOffice::bind(options).await?;
                front_office.serve(shutdown).await?;
            }
            SELF_SERVICE => {
                let options = self.self_service(component);
                let pages = caruso_self_service::SelfService::bind(options).await?;
                pages.serve(shutdown).await?;
            }
            "demo" => demo::run(component, shutdown).await?,
            wrapper => {
                let installation = self.site.installation(wrapper)?;
                caruso_legacy_wrappers::run(component, wrapper, installation, shutdown).await?;
            }
        }
        Ok(())
    }

    /// The demo's users, where there is a list of them.
    pub(crate) fn demo(&self) -> anyhow::Result<Option<Demo>> {
        let Some(path) = &self.users else { return Ok(None) };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let demo = Demo::parse(&text).with_context(|| format!("in {}", path.display()))?;
        Ok(Some(demo))
    }

    fn self_service(&self, component: Options) -> caruso_self_service::Options {
        let SelfService { listen, public_url, behind_proxy } = self.site.self_service.clone();
        caruso_self_service::Options {
            component,
            http: listen,
            public_url,
            is_behind_proxy: behind_proxy,
        }
    }

    fn communication_server(
        &self,
        component: Options,
        data: PathBuf,
    ) -> anyhow::Result<caruso_communication_server::Options> {
        let Sip { listen, trunks, advertised, rtp_ports } = self.site.sip.clone();
        let network = |text: &String| {
            text.parse::<Network>().with_context(|| format!("the site's trunk `{text}`"))
        };
        Ok(caruso_communication_server::Options {
            component,
            data,
            sip: listen,
            trunks: trunks.iter().map(network).collect::<anyhow::Result<_>>()?,
            advertised,
            speech: self.site.speech.program.clone(),
            rtp_ports,
            recordings: self.site.recordings.bytes(),
            predecessor: None,
            servers: self.site.trunk.iter().map(Trunk::options).collect::<anyhow::Result<_>>()?,
            remote_phones: remote_phones::options(
                &self.site.remote_phone,
                self.site.outbound.as_ref(),
                &self.site.trunk,
            )?,
            outbound: self
                .site
                .outbound
                .clone()
                .map(|it| it.options(&self.site.trunk))
                .transpose()?,
        })
    }

    /// The site's databases. A database that no site file names is ours, in the data folder.
    fn storage_manager(
        &self,
        data: PathBuf,
    ) -> anyhow::Result<caruso_storage_manager::Installation> {
        let used = self.site.database.iter().filter(|(_, database)| !database.design_only);
        let databases = addresses(used, |address, is_owned| DatabaseOptions { address, is_owned })?;
        let has_demo_data = self.has_demo_data;
        Ok(caruso_storage_manager::Installation { databases, data, has_demo_data })
    }

    /// The same databases, and those for design tools alone; those that are ours are made by the
    /// storage manager.
    fn modeler(&self) -> anyhow::Result<modeler::Installation> {
        let all = self.site.database.iter();
        let databases =
            addresses(all, |address, is_owned| modeler::Database { address, is_owned })?;
        Ok(modeler::Installation { databases, own: self.data.join("storage-manager") })
    }
}

/// Databases by name, each made of its address with the password, and of whether it is owned.
fn addresses<'a, T>(
    databases: impl Iterator<Item = (&'a String, &'a Database)>,
    options: impl Fn(Address, bool) -> T,
) -> anyhow::Result<BTreeMap<String, T>> {
    let databases = databases.map(|(name, database)| {
        let address = database.address().with_context(|| format!("database `{name}`"))?;
        Ok((name.clone(), options(address, database.owned)))
    });
    databases.collect::<anyhow::Result<_>>().context("in the site file")
}

/// Makes a folder that only this user can look into.
pub(crate) fn make_private(folder: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(folder).with_context(|| format!("cannot make the folder {}", folder.display()))
}
