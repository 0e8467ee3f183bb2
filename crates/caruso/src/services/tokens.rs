//! `caruso services token`: join tokens that are for one component each.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use caruso_api::registry::v1 as wire;
use caruso_component::{Component, InterfaceChannel};
use clap::Subcommand;
use serde_json::json;
use wire::join_tokens_client::JoinTokensClient;

use crate::Format;
use crate::time::{instant, local};

const INTERFACE: &str = "caruso.registry.v1.JoinTokens";

/// What is done with join tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Make a token; what it is can be seen this once
    Create {
        /// The one component that it lets in
        #[arg(long)]
        component: String,
        /// How often it lets in
        #[arg(long, default_value_t = 1)]
        uses: u32,
        /// How long it lets in: a number with s, m, h or d
        #[arg(long, default_value = "1h", value_parser = seconds)]
        ttl: i64,
        /// Only this of the interfaces that the component may offer; may be given several times
        #[arg(long = "interface", value_name = "INTERFACE")]
        interfaces: Vec<String>,
        /// A new file for the token, readable for its owner alone; without it, it is printed
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Every token that lets somebody in, or by which somebody may be here
    List,
    /// Let nobody in by a token any more, and shut out who is here by it
    Revoke {
        /// As the list names it
        id: String,
    },
}

/// Does it, and says so.
pub(crate) async fn run(
    action: Action,
    component: &Component,
    format: Format,
) -> anyhow::Result<()> {
    let mut tokens = JoinTokensClient::new(component.caller(INTERFACE));
    match action {
        Action::Create { component, uses, ttl, interfaces, out } => {
            let time_to_live = Some(prost_types::Duration { seconds: ttl, nanos: 0 });
            let wish = wire::CreateJoinTokenRequest { component, uses, time_to_live, interfaces };
            create(&mut tokens, wish, out.as_deref(), format).await
        }
        Action::List => {
            let listed = tokens.list_join_tokens(wire::ListJoinTokensRequest {}).await?;
            print(&listed.into_inner().join_tokens, format);
            Ok(())
        }
        Action::Revoke { id } => {
            let request = wire::RevokeJoinTokenRequest { id: id.clone() };
            tokens.revoke_join_token(request).await?;
            match format {
                Format::Text => println!("{id} lets nobody in; who was here by it is shut out"),
                Format::Json => println!("{}", json!({ "id": id, "is_revoked": true })),
            }
            Ok(())
        }
    }
}

async fn create(
    tokens: &mut JoinTokensClient<InterfaceChannel>,
    wish: wire::CreateJoinTokenRequest,
    out: Option<&Path>,
    format: Format,
) -> anyhow::Result<()> {
    // the file comes first: a token that nobody gets to see would be one too many
    let file = out.map(new_file).transpose()?;
    let component = wish.component.clone();
    let made = match tokens.create_join_token(wish).await {
        Ok(made) => made.into_inner(),
        Err(status) => {
            if let Some(path) = out {
                std::fs::remove_file(path)?;
            }
            return Err(status.into());
        }
    };
    if let Some(mut file) = file {
        file.write_all(made.join_token.as_bytes())?;
        file.sync_all()?;
    }
    match (format, out) {
        (Format::Text, Some(path)) => {
            println!("{}: join token {} for {component}", path.display(), made.id);
        }
        (Format::Text, None) => {
            eprintln!("join token {} for {component}; it is not shown again:", made.id);
            println!("{}", made.join_token);
        }
        (Format::Json, out) => {
            let token = out.is_none().then_some(&made.join_token);
            let document = json!({
                "id": made.id, "component": component, "join_token": token, "file": out,
            });
            println!("{document}");
        }
    }
    Ok(())
}

/// A file that was not there, readable for its owner alone.
fn new_file(path: &Path) -> anyhow::Result<std::fs::File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.with_context(|| format!("cannot make the file {}", path.display()))
}

fn print(tokens: &[wire::JoinToken], format: Format) {
    match format {
        Format::Json => {
            let documents: Vec<_> = tokens.iter().map(document).collect();
            println!("{}", json!({ "join_tokens": documents }));
        }
        Format::Text => {
            println!("{:<9} {:<24} {:<9} {:<20} state", "id", "component", "used", "ends");
            for token in tokens {
                println!(
                    "{:<9} {:<24} {:<9} {:<20} {}",
                    token.id,
                    token.component,
                    format!("{}/{}", token.used, token.uses),
                    local(token.expires_at),
                    state(token),
                );
                for interface in &token.interfaces {
                    println!("    only {interface}");
                }
            }
        }
    }
}

fn document(token: &wire::JoinToken) -> serde_json::Value {
    json!({
        "id": token.id,
        "component": token.component,
        "uses": token.uses,
        "used": token.used,
        "expires_at": instant(token.expires_at),
        "revoked_at": instant(token.revoked_at),
        "interfaces": token.interfaces,
        "state": state(token),
    })
}

/// Whether it lets anybody in.
fn state(token: &wire::JoinToken) -> &'static str {
    let now = caruso_component::token::now_seconds();
    let ends = token.expires_at.map_or(0, |at| u64::try_from(at.seconds).unwrap_or(0));
    if token.revoked_at.is_some() {
        "revoked"
    } else if token.used >= token.uses {
        "used up"
    } else if now >= ends {
        "expired"
    } else {
        "open"
    }
}

/// A time as `90s`, `30m`, `1h` or `7d`, in seconds.
fn seconds(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is no time: a number with s, m, h or d, for example 1h");
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let each = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        _ => return Err(wrong()),
    };
    let number: u32 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    Ok(i64::from(number) * each)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_with_its_unit() {
        for (text, expected) in [("90s", 90), ("30m", 1800), ("1h", 3600), ("7d", 604_800)] {
            assert_eq!(seconds(text), Ok(expected));
        }
        for text in ["", "h", "1", "1w", "-1h", "1.5h", "1 h", "99999999999s", "1é"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
