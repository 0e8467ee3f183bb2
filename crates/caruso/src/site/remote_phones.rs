//! Agents' phones that do not register: called by a trunk, each named here.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use caruso_communication_server as server;
use serde::Deserialize;

use super::{Outbound, Trunk};

/// A phone of an agent: an extension of the company's exchange, or an outside number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RemotePhone {
    /// Of the agent, as `caruso people` has it.
    extension: String,
    /// What the trunk is asked for: digits, behind a plus perhaps.
    number: String,
    /// The number of ours that the trunk sees; that of [outbound] without it.
    caller_id: Option<String>,
    /// Whether whoever answers has to press 1.
    #[serde(default = "yes")]
    confirm: bool,
    /// For how many minutes a line to it stays open that nobody uses; without it, each offer is a
    /// call.
    open_line_minutes: Option<u16>,
}

/// A line stays open for at most this long unused: what nobody uses costs all the same.
const LONGEST_LINE: u16 = 12 * 60;

fn yes() -> bool {
    true
}

/// The same in the communication server's words.
pub(crate) fn options(
    phones: &[RemotePhone],
    outbound: Option<&Outbound>,
    trunks: &[Trunk],
) -> anyhow::Result<BTreeMap<String, server::RemotePhone>> {
    const PLACE: &str = "in [[remote-phone]] of the site file";
    ensure!(
        phones.is_empty() || !trunks.is_empty(),
        "[[remote-phone]] of the site file needs a [[trunk]] to call by"
    );
    let mut known = BTreeMap::new();
    for phone in phones {
        let RemotePhone { extension, number, caller_id, confirm, open_line_minutes } =
            phone.clone();
        let caller_id = caller_id.or_else(|| outbound.map(|it| it.caller_id.clone()));
        let missing = || format!("{PLACE}, `{extension}` needs a `caller-id`, or [outbound] one");
        let caller_id = caller_id.with_context(missing)?;
        for (key, text) in [("number", &number), ("caller-id", &caller_id)] {
            ensure!(is_number(text), "{PLACE}, `{text}` is no number for `{key}`");
        }
        ensure!(!extension.is_empty(), "{PLACE}, `extension` is empty");
        let is_bounded = open_line_minutes.is_none_or(|it| (1..=LONGEST_LINE).contains(&it));
        ensure!(is_bounded, "{PLACE}, `open-line-minutes` is not from 1 to {LONGEST_LINE}");
        let minutes = |it| Duration::from_secs(60 * u64::from(it));
        let stays_open = open_line_minutes.map(minutes);
        let phone = server::RemotePhone { number, caller_id, is_confirmed: confirm, stays_open };
        let is_new = known.insert(extension.clone(), phone).is_none();
        ensure!(is_new, "{PLACE}, the extension `{extension}` stands there twice");
    }
    Ok(known)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (1..=15).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::Site;
    use super::*;

    fn options_of(text: &str) -> Result<BTreeMap<String, server::RemotePhone>, String> {
        let site: Site = toml::from_str(text).map_err(|error| error.to_string())?;
        let made = options(&site.remote_phone, site.outbound.as_ref(), &site.trunk);
        made.map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn a_remote_phone_is_named_with_what_the_trunk_needs() {
        let trunk =
            "[[trunk]]\nserver = \"192.0.2.20\"\n[outbound]\ncaller-id = \"+31305550100\"\n";
        let phone = "[[remote-phone]]\nextension = \"104\"\nnumber = \"+31612345678\"\n";
        let known = options_of(&format!("{trunk}{phone}")).expect("it makes sense");
        let far = &known["104"];
        assert_eq!((far.caller_id.as_str(), far.is_confirmed), ("+31305550100", true));
        assert_eq!(far.stays_open, None);
        let own = "caller-id = \"100\"\nconfirm = false\nopen-line-minutes = 30\n";
        let known = options_of(&format!("{trunk}{phone}{own}")).expect("it makes sense");
        assert_eq!((known["104"].caller_id.as_str(), known["104"].is_confirmed), ("100", false));
        assert_eq!(known["104"].stays_open, Some(Duration::from_secs(1_800)));
    }

    #[test]
    fn remote_phones_that_make_no_sense_are_refused_with_what_is_missing() {
        let trunk = "[[trunk]]\nserver = \"192.0.2.20\"\n";
        let phone = "[[remote-phone]]\nextension = \"104\"\nnumber = \"204\"\n";
        let shown = format!("{phone}caller-id = \"100\"\n");
        for (text, expected) in [
            (shown.clone(), "needs a [[trunk]]"),
            (format!("{trunk}{phone}"), "`104` needs a `caller-id`"),
            (format!("{trunk}{}", shown.replace("204", "sip:204")), "`sip:204` is no number"),
            (format!("{trunk}{}", shown.replace("\"100\"", "\"\"")), "`` is no number for `caller"),
            (format!("{trunk}{shown}{shown}"), "`104` stands there twice"),
            (format!("{trunk}{shown}nailed-up = true\n"), "unknown field `nailed-up`"),
            (format!("{trunk}{shown}open-line-minutes = 0\n"), "is not from 1 to 720"),
            (format!("{trunk}{shown}open-line-minutes = 721\n"), "is not from 1 to 720"),
        ] {
            let said = options_of(&text).expect_err("it makes no sense");
            assert!(said.contains(expected), "{text}: {said}");
        }
    }
}
