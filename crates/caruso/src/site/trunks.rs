//! Trunks, and the calls that leave by them.

use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use caruso_communication_server as server;
use caruso_sip as sip;
use serde::Deserialize;

use super::first_line;

/// A server of a provider, or a company's exchange, that takes our calls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Trunk {
    /// `HOST` or `HOST:PORT`; 5060 without a port.
    server: String,
    #[serde(default)]
    transport: Transport,
    /// Who registers there, where it wants that.
    account: Option<String>,
    /// A file that holds the password of the account, on its first line.
    password_file: Option<PathBuf>,
    /// Whether it is asked every half minute if it is there (SIP OPTIONS).
    #[serde(default = "yes")]
    probe: bool,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Transport {
    #[default]
    Udp,
    Tcp,
}

/// Calls that agents make to customers, by the trunks in their order.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Outbound {
    /// What customers see and can call back: a number of ours, digits behind a plus perhaps.
    pub(super) caller_id: String,
    /// A file with the numbers of those who do not want to be called, one a line.
    do_not_call_file: Option<PathBuf>,
}

impl Trunk {
    /// The same in the communication server's words.
    pub(crate) fn options(&self) -> anyhow::Result<sip::Trunk> {
        let name = &self.server;
        let account = match (&self.account, &self.password_file) {
            (Some(account), Some(file)) => {
                let secret = first_line(file).context("in [[trunk]] of the site file")?;
                Some((account.clone(), sip::Secret::new(secret)))
            }
            (None, None) => None,
            _ => bail!(
                "in [[trunk]] of the site file, `account` and `password-file` belong together"
            ),
        };
        let transport = match self.transport {
            Transport::Udp => sip::Transport::Udp,
            Transport::Tcp => sip::Transport::Tcp,
        };
        let is_asked = self.probe;
        let trunk = sip::Trunk { server: name.clone(), transport, account, is_asked };
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
        ensure!(
            name.chars().all(is_name) && trunk.is_addressed(),
            "in [[trunk]] of the site file, `{name}` is no HOST or HOST:PORT"
        );
        Ok(trunk)
    }
}

impl Outbound {
    /// The same in the communication server's words.
    pub(crate) fn options(self, trunks: &[Trunk]) -> anyhow::Result<server::Outbound> {
        let Self { caller_id, do_not_call_file: do_not_call } = self;
        let digits = caller_id.strip_prefix('+').unwrap_or(&caller_id);
        let is_number =
            (1..=15).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
        ensure!(
            is_number,
            "in [outbound] of the site file, `{caller_id}` is no number for `caller-id`"
        );
        ensure!(!trunks.is_empty(), "[outbound] of the site file needs a [[trunk]] to call by");
        Ok(server::Outbound { caller_id, do_not_call })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Site;

    /// What is said against it; nothing where it makes sense.
    fn said(text: &str) -> Option<String> {
        let site: Site = match toml::from_str(text) {
            Ok(site) => site,
            Err(error) => return Some(error.to_string()),
        };
        let trunks = site.trunk.iter().try_for_each(|trunk| trunk.options().map(drop));
        let outbound = site.outbound.clone().map(|it| it.options(&site.trunk)).transpose();
        trunks.and(outbound.map(drop)).err().map(|error| format!("{error:#}"))
    }

    #[test]
    fn trunks_and_calls_that_make_no_sense_are_refused_with_their_place() {
        let trunk = "[[trunk]]\nserver = \"sip.provider.example:5080\"\ntransport = \"tcp\"\n";
        let outbound = "[outbound]\ncaller-id = \"+31305550100\"\n";
        assert_eq!(said(&format!("{trunk}\n{trunk}\n{outbound}")), None);
        for (text, expected) in [
            (outbound.to_owned(), "needs a [[trunk]]"),
            (
                format!("{trunk}{}", outbound.replace("0100", " 0100")),
                "`+3130555 0100` is no number",
            ),
            (trunk.replace("sip.", "us@sip."), "is no HOST or HOST:PORT"),
            (trunk.replace("sip.provider.example:5080", ""), "`` is no HOST"),
            (trunk.replace("5080", "99999"), ":99999` is no HOST or HOST:PORT"),
            (trunk.replace("\"tcp\"", "\"tls\""), "unknown variant `tls`"),
            (format!("{trunk}account = \"us\"\n"), "belong together"),
            (
                format!("{trunk}account = \"us\"\npassword-file = \"nowhere\"\n"),
                "cannot read the password file nowhere",
            ),
            ("[[trunk]]\n".to_owned(), "missing field `server`"),
        ] {
            let error = said(&text).unwrap_or_default();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
