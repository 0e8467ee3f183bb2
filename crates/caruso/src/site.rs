//! `site.toml`: what belongs to one installation and not to the application.
//!
//! Order: defaults, the file, `CARUSO_…` variables, flags. An unknown key or a value that cannot be
//! read is an error that names its line.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use caruso_component::Secret;
use caruso_legacy_wrappers::{Installation, Remote};
use caruso_script_engine::{MailServer, Mailer};
use caruso_storage_manager::Address;
use serde::Deserialize;

pub(crate) use self::remote_phones::RemotePhone;
pub(crate) use self::trunks::{Outbound, Trunk};

pub(crate) mod remote_phones;
mod trunks;

/// Where mail servers take what is to be sent (RFC 6409).
const SUBMISSION: u16 = 587;

/// One installation. Every field has a default, which fits trying it on one machine.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Site {
    pub(crate) service_manager: ServiceManager,
    pub(crate) http: Http,
    pub(crate) self_service: SelfService,
    pub(crate) sip: Sip,
    /// Where calls of ours leave, the preferred first.
    pub(crate) trunk: Vec<Trunk>,
    /// Calls that agents make to customers; without it they make none.
    pub(crate) outbound: Option<Outbound>,
    /// Agents' phones that do not register here.
    pub(crate) remote_phone: Vec<RemotePhone>,
    pub(crate) speech: Speech,
    pub(crate) recordings: Recordings,
    /// How e-mails leave; without it they do not.
    pub(crate) mail: Option<Mail>,
    /// By the name that the model's `database` elements use.
    pub(crate) database: BTreeMap<String, Database>,
    /// By the name that the application gives a wrapper without a program.
    pub(crate) wrapper: BTreeMap<String, Wrapper>,
}

/// The system behind a wrapper without a program.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Wrapper {
    /// Where it leaves its files.
    pub(crate) folder: Option<PathBuf>,
    /// Where it is reached, as `https://erp.example/api`.
    pub(crate) url: Option<String>,
    /// A file that holds the token that it knows us by, on its first line.
    pub(crate) token_file: Option<PathBuf>,
    /// Which mail server takes its e-mails: `HOST` or `HOST:PORT`; 587 without a port.
    pub(crate) server: Option<String>,
    /// The header that has the token; without it, `Authorization: Bearer`.
    pub(crate) token_header: Option<String>,
    /// Who logs in, where it wants that instead of a token.
    pub(crate) user: Option<String>,
    /// A file that holds the password of the user, on its first line.
    pub(crate) password_file: Option<PathBuf>,
    /// A file with the authority that signed its certificate, where the machine does not trust it.
    pub(crate) tls_ca: Option<PathBuf>,
}

impl Wrapper {
    /// Where it is reached; nothing where no address is said.
    fn remote(&self) -> anyhow::Result<Option<Remote>> {
        let Some(url) = &self.url else { return Ok(None) };
        if self.server.is_some() {
            bail!("there is `url`, or `server` of e-mails");
        }
        let mut remote = Remote::new(url).map_err(anyhow::Error::msg)?;
        remote = match (&self.token_file, &self.user, &self.password_file) {
            (None, None, None) => remote,
            (Some(file), None, None) => {
                let with = remote.with_token(self.token_header.as_deref(), &first_line(file)?);
                with.map_err(anyhow::Error::msg)?
            }
            (None, Some(user), Some(file)) => remote.with_password(user, &first_line(file)?),
            _ => bail!("there is `token-file`, or `user` and `password-file`"),
        };
        Ok(Some(match &self.tls_ca {
            Some(file) => remote.with_authority(file.clone()),
            None => remote,
        }))
    }

    /// Which mail server takes its e-mails; nothing where none is said.
    fn mail(&self) -> anyhow::Result<Option<caruso_legacy_wrappers::MailServer>> {
        let Some(server) = &self.server else { return Ok(None) };
        if self.token_file.is_some() || self.token_header.is_some() || self.tls_ca.is_some() {
            bail!("a `server` of e-mails is told `user` and `password-file`, and nothing else");
        }
        let (host, port) = host_and_port(server)?;
        let credentials = credentials(self.user.as_ref(), self.password_file.as_deref())?;
        let credentials = credentials.map(|(user, password)| (user, Secret::new(password)));
        Ok(Some(caruso_legacy_wrappers::MailServer { host, port, credentials }))
    }
}

impl Site {
    /// What it says of the system behind a wrapper.
    pub(crate) fn installation(&self, wrapper: &str) -> anyhow::Result<Installation> {
        let Some(said) = self.wrapper.get(wrapper) else { return Ok(Installation::default()) };
        let remote = said.remote();
        let remote = remote.with_context(|| format!("in [wrapper.{wrapper}] of the site file"))?;
        let mail = said.mail();
        let mail = mail.with_context(|| format!("in [wrapper.{wrapper}] of the site file"))?;
        Ok(Installation { folder: said.folder.clone(), remote, mail })
    }
}

/// Where components and tools reach the service manager.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct ServiceManager {
    pub(crate) listen: SocketAddr,
}

/// Where browsers reach the front office.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Http {
    pub(crate) listen: SocketAddr,
}

/// Where customers reach the pages that they fill in by themselves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct SelfService {
    pub(crate) listen: SocketAddr,
    /// What customers see before the path, as `https://service.example`.
    pub(crate) public_url: Option<String>,
    /// Whether they come through a proxy that says in `X-Forwarded-For` from where.
    pub(crate) behind_proxy: bool,
}

/// The telephone side.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Sip {
    /// UDP and TCP alike.
    pub(crate) listen: SocketAddr,
    /// Networks, as ADDRESS/BITS, whose calls are customers' and need no password.
    pub(crate) trunks: Vec<String>,
    /// The address for sound that others reach us at, where it is not the one listened on.
    pub(crate) advertised: Option<IpAddr>,
    /// First and last UDP port for sound; without them, whatever the system gives.
    pub(crate) rtp_ports: Option<(u16, u16)>,
}

/// What says texts on the telephone that nobody recorded.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Speech {
    /// Path of the program, or its name if it is in `PATH`.
    pub(crate) program: PathBuf,
}

impl Default for Speech {
    fn default() -> Self {
        Self { program: caruso_speech::PROGRAM.into() }
    }
}

/// What customers leave as messages.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Recordings {
    /// How much of the disk all of them may take, in megabytes of 1,000,000 bytes.
    pub(crate) megabytes: u32,
}

impl Default for Recordings {
    fn default() -> Self {
        Self { megabytes: 2_000 }
    }
}

impl Recordings {
    pub(crate) fn bytes(self) -> u64 {
        u64::from(self.megabytes) * 1_000_000
    }
}

/// The mail server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Mail {
    /// `HOST` or `HOST:PORT`; 587 without a port.
    pub(crate) server: String,
    /// What customers see, as `Lek and Linge Energy <service@example.org>`.
    pub(crate) from: String,
    /// Who logs in to the server, where it wants that.
    pub(crate) user: Option<String>,
    /// A file that holds the password of the user, on its first line.
    pub(crate) password_file: Option<PathBuf>,
}

impl Mail {
    /// What sends the e-mails.
    pub(crate) fn mailer(&self) -> anyhow::Result<Mailer> {
        let place = "in [mail] of the site file";
        let (host, port) = host_and_port(&self.server).context(place)?;
        let credentials = credentials(self.user.as_ref(), self.password_file.as_deref());
        let credentials = credentials.context(place)?;
        let credentials = credentials.map(|(user, password)| (user, Secret::new(password)));
        let server = MailServer { host, port, credentials };
        Mailer::to_server(&server, &self.from).context("in [mail] of the site file")
    }
}

/// Where a mail server is; 587 without a port.
fn host_and_port(server: &str) -> anyhow::Result<(String, u16)> {
    match server.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') => {
            let port = port.parse().with_context(|| format!("`{server}` is no HOST:PORT"))?;
            Ok((host.to_owned(), port))
        }
        _ => Ok((server.to_owned(), SUBMISSION)),
    }
}

/// Who logs in, with the password out of its file.
fn credentials(
    user: Option<&String>,
    password_file: Option<&Path>,
) -> anyhow::Result<Option<(String, String)>> {
    match (user, password_file) {
        (Some(user), Some(file)) => Ok(Some((user.clone(), first_line(file)?))),
        (None, None) => Ok(None),
        _ => bail!("`user` and `password-file` belong together"),
    }
}

/// The first line of a file with a password.
fn first_line(path: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the password file {}", path.display()))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// A database of business objects.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Database {
    /// `sqlite:PATH`, `postgres://USER@HOST/DATABASE` or `mysql://USER@HOST/DATABASE`; for servers
    /// `?tls=required` or `?tls-ca=FILE` behind it.
    pub(crate) url: String,
    /// A file that holds the password of the user, on its first line.
    pub(crate) password_file: Option<PathBuf>,
    /// Whether we may create its tables and fill them with the application's data.
    #[serde(default)]
    pub(crate) owned: bool,
    /// Whether only design tools ask it, since no class of the application is in it yet.
    #[serde(default)]
    pub(crate) design_only: bool,
}

impl Database {
    /// The URL with the password.
    pub(crate) fn address(&self) -> anyhow::Result<Address> {
        let address: Address = self.url.parse()?;
        let Some(path) = &self.password_file else { return Ok(address) };
        Ok(address.with_password(&first_line(path)?))
    }
}

impl Default for ServiceManager {
    fn default() -> Self {
        Self { listen: loopback(7700) }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self { listen: loopback(8080) }
    }
}

impl Default for SelfService {
    fn default() -> Self {
        Self { listen: loopback(8081), public_url: None, behind_proxy: false }
    }
}

impl Default for Sip {
    fn default() -> Self {
        Self {
            listen: loopback(5060),
            trunks: vec!["127.0.0.0/8".to_owned()],
            advertised: None,
            rtp_ports: None,
        }
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

impl Site {
    /// Reads a site file; without one, the defaults.
    pub(crate) fn read(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the site file {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("in the site file {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Site, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_example_of_the_documentation_is_readable() {
        let site = parse(include_str!("../../../docs/site.example.toml")).expect("readable");
        assert_eq!(site.self_service.public_url.as_deref(), Some("https://service.example"));
        assert!(site.self_service.behind_proxy);
        assert_eq!(site.sip.rtp_ports, Some((20_000, 20_999)));
        assert!(!site.database["utilities"].owned && !site.database["utilities"].design_only);
        assert!(site.database["archive"].design_only);
        let billing = site.installation("billing").expect("it makes sense").folder;
        assert_eq!(billing.as_deref(), Some(Path::new("/srv/billing/export")));
        assert_eq!(site.mail.expect("it is there").server, "mail.example.org:587");
        let remote =
            remote_phones::options(&site.remote_phone, site.outbound.as_ref(), &site.trunk);
        assert_eq!(remote.expect("it makes sense").len(), 2);
        let outbound = site.outbound.expect("it is there").options(&site.trunk);
        assert_eq!(outbound.expect("it makes sense").caller_id, "+31305550100");
        assert_eq!((site.trunk.len(), site.remote_phone.len()), (2, 2));
    }

    #[test]
    fn a_mail_server_needs_a_sender_and_all_of_its_user() {
        let mailer = |mail: &str| {
            let site = parse(&format!("[mail]\n{mail}")).expect("readable");
            let mailer = site.mail.expect("it is there").mailer();
            mailer.map(drop).map_err(|error| format!("{error:#}"))
        };
        let server = "server = \"mail.example.org\"\nfrom = \"us@example.org\"\n";
        assert_eq!(mailer(server), Ok(()));
        assert_eq!(mailer(&server.replace(".org\"\nf", ".org:465\"\nf")), Ok(()));
        let said = mailer(&format!("{server}user = \"us\"")).expect_err("no password");
        assert!(said.contains("belong together"), "{said}");
        let said = mailer(&server.replace("us@", "us at ")).expect_err("no sender");
        assert!(said.contains("`us at example.org` is no sender"), "{said}");
        let said = mailer(&server.replace(".org\"\nf", ".org:smtp\"\nf")).expect_err("no port");
        assert!(said.contains("`mail.example.org:smtp` is no HOST:PORT"), "{said}");
    }

    #[test]
    fn a_system_behind_a_wrapper_has_one_way_to_know_us() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "s3cret\n").expect("a writable folder");
        let installation = |said: &str| {
            let said = said.replace("FILE", &secret.to_string_lossy());
            let site = parse(&format!("[wrapper.erp]\n{said}")).expect("readable");
            site.installation("erp").map_err(|error| format!("{error:#}"))
        };
        let url = "url = \"https://erp.example/api\"\n";
        let token = installation(&format!("{url}token-file = \"FILE\"")).expect("a token");
        assert!(token.remote.is_some() && !format!("{token:?}").contains("s3cret"));
        let server = "server = \"mail.example:465\"\nuser = \"us\"\npassword-file = \"FILE\"";
        let mail = installation(server).expect("a mail server").mail.expect("it is there");
        assert_eq!((mail.host.as_str(), mail.port), ("mail.example", 465));
        assert!(mail.credentials.is_some() && !format!("{mail:?}").contains("s3cret"));
        let user = format!("{url}user = \"us\"\n");
        assert!(installation(&format!("{user}password-file = \"FILE\"")).is_ok());
        for (said, expected) in [
            (user, "in [wrapper.erp] of the site file: there is `token-file`, or `user`"),
            ("url = \"erp\"".to_owned(), "`erp` is no address as https://erp.example/api"),
            (format!("{url}server = \"mail.example\""), "there is `url`, or `server`"),
            ("server = \"mail.example\"\nuser = \"us\"".to_owned(), "belong together"),
            ("server = \"mail.example\"\ntoken-file = \"FILE\"".to_owned(), "and nothing else"),
        ] {
            let said = installation(&said).expect_err("it makes no sense");
            assert!(said.contains(expected), "{said}");
        }
    }

    #[test]
    fn a_mistake_names_its_line_and_what_is_known() {
        let error = parse("[sip]\nlisten = \"127.0.0.1:5060\"\ntrunk = []\n").expect_err("unknown");
        assert!(error.contains("line 3") && error.contains("`trunks`"), "{error}");
        let error = parse("[http]\nlisten = \"here\"\n").expect_err("no address");
        assert!(error.contains("line 2"), "{error}");
    }
}
