//! `caruso telephone`: how it stands with trunks and phones.

use std::process::ExitCode;

use caruso_api::telephony::v1 as wire;
use caruso_api::telephony::v1::telephone_client::TelephoneClient;
use clap::Args;
use serde_json::{Value, json};
use wire::{Transport, TrunkState};

use crate::Format;
use crate::client::System;
use crate::time::{instant, local};

const TELEPHONE: &str = "caruso.telephony.v1.Telephone";

/// What `caruso telephone` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    system: System,
}

/// Prints it.
pub(crate) async fn telephone(options: Options, format: Format) -> anyhow::Result<ExitCode> {
    let component = options.system.join().await?;
    let mut client = TelephoneClient::new(component.caller(TELEPHONE));
    let described = client.describe(wire::DescribeRequest {}).await?.into_inner();
    match format {
        Format::Text => print!("{}", text(&described)),
        Format::Json => println!("{}", document(&described)),
    }
    component.leave().await;
    Ok(ExitCode::SUCCESS)
}

fn text(described: &wire::DescribeResponse) -> String {
    let wire::DescribeResponse { address, trunks, phones, legs, subscriptions } = described;
    let mut lines =
        vec![format!("SIP at {address}, {legs} legs, {subscriptions} lamps"), String::new()];
    if trunks.is_empty() {
        lines.push("no trunk: customers cannot be called".to_owned());
    } else {
        lines.push(format!(
            "{:<32} {:<6} {:<12} {:<24} since",
            "trunk", "over", "registers", "state"
        ));
    }
    for trunk in trunks {
        let registers = if trunk.registers { "yes" } else { "no" };
        let since = local(trunk.since);
        let (server, over) = (&trunk.server, over(trunk.transport()));
        let line = format!("{server:<32} {over:<6} {registers:<12} {:<24} {since}", state(trunk));
        lines.push(line);
    }
    lines.push(String::new());
    if phones.is_empty() {
        lines.push("no phone is registered".to_owned());
    } else {
        lines.push(format!(
            "{:<10} {:<6} {:<24} {:>8}  called at",
            "extension", "over", "from", "ends in"
        ));
    }
    for phone in phones {
        let (extension, from, over) = (&phone.extension, &phone.from, over(phone.transport()));
        let left = format!("{} s", phone.expires_in.as_ref().map_or(0, |it| it.seconds));
        lines.push(format!("{extension:<10} {over:<6} {from:<24} {left:>8}  {}", phone.contact));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn state(trunk: &wire::Trunk) -> String {
    match trunk.state() {
        TrunkState::Up => "up".to_owned(),
        TrunkState::Unreachable => "does not answer".to_owned(),
        TrunkState::Refused => format!("refuses us: {}", trunk.status),
        TrunkState::Unknown | TrunkState::Unspecified => "not known".to_owned(),
    }
}

fn over(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "TCP",
        Transport::Web => "WSS",
        Transport::Udp | Transport::Unspecified => "UDP",
    }
}

fn document(described: &wire::DescribeResponse) -> Value {
    let trunk = |trunk: &wire::Trunk| {
        json!({
            "server": trunk.server,
            "transport": over(trunk.transport()),
            "registers": trunk.registers,
            "state": state(trunk),
            "since": instant(trunk.since),
        })
    };
    let phone = |phone: &wire::Phone| {
        json!({
            "extension": phone.extension,
            "contact": phone.contact,
            "from": phone.from,
            "transport": over(phone.transport()),
            "expires_in_seconds": phone.expires_in.as_ref().map(|it| it.seconds),
        })
    };
    json!({
        "address": described.address,
        "trunks": described.trunks.iter().map(trunk).collect::<Vec<_>>(),
        "phones": described.phones.iter().map(phone).collect::<Vec<_>>(),
        "legs": described.legs,
        "subscriptions": described.subscriptions,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trunks_and_phones_are_told_in_a_table() {
        let trunk = |server: &str, state: TrunkState, status| wire::Trunk {
            server: server.to_owned(),
            transport: Transport::Udp.into(),
            registers: status == 0,
            state: state.into(),
            status,
            since: None,
        };
        let phone = wire::Phone {
            extension: "101".to_owned(),
            contact: "sip:101@10.0.0.5:5061".to_owned(),
            from: "10.0.0.5:5061".to_owned(),
            transport: Transport::Tcp.into(),
            expires_in: Some(prost_types::Duration { seconds: 55, nanos: 0 }),
        };
        let described = wire::DescribeResponse {
            address: "127.0.0.1:5060".to_owned(),
            trunks: vec![
                trunk("sip.example.org", TrunkState::Up, 0),
                trunk("10.0.0.9:5080", TrunkState::Refused, 503),
            ],
            phones: vec![phone],
            legs: 2,
            subscriptions: 1,
        };
        let told = text(&described);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], "SIP at 127.0.0.1:5060, 2 legs, 1 lamps");
        assert!(lines[3].starts_with("sip.example.org") && lines[3].contains(" yes "), "{told}");
        assert!(lines[4].contains("refuses us: 503"), "{told}");
        assert!(lines[7].contains("55 s  sip:101@10.0.0.5:5061"), "{told}");
        assert_eq!(document(&described)["trunks"][1]["state"], "refuses us: 503");
        let nothing = text(&wire::DescribeResponse::default());
        assert!(nothing.contains("no trunk") && nothing.contains("no phone"), "{nothing}");
    }
}
