//! `caruso people`: who works here.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use caruso_api::identity::v1 as wire;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use wire::people_client::PeopleClient;

use crate::Format;
use crate::client::System;

const PEOPLE: &str = "caruso.identity.v1.People";
/// Signs of a secret that is made here: none that is taken for another.
const SIGNS: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// As many of them are as hard to guess as a key of 80 bits.
const LENGTH: usize = 16;

/// What `caruso people` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    system: System,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Everybody, by log-in name
    List,
    /// A new user; says their password, and the secret of their phone, once
    Add {
        /// Log-in name
        name: String,
        #[command(flatten)]
        about: About,
    },
    /// Changes what is given of a user
    Change {
        /// Log-in name
        name: String,
        #[command(flatten)]
        about: About,
        /// A new password, which is said once; ends the user's sessions
        #[arg(long)]
        new_password: bool,
    },
    /// Removes a user and ends their sessions
    Remove {
        /// Log-in name
        name: String,
    },
}

#[derive(Args, Debug)]
struct About {
    /// As people write it
    #[arg(long)]
    display_name: Option<String>,
    /// What the user may do; in place of all roles
    #[arg(long = "role", value_enum)]
    roles: Vec<Role>,
    /// Team as named in routing.xml
    #[arg(long)]
    team: Option<String>,
    /// Extension of the desk phone; empty for none
    #[arg(long)]
    extension: Option<String>,
    /// A skill with its proficiency, as gas=3; in place of all skills
    #[arg(long = "skill", value_parser = skill)]
    skills: Vec<(String, u32)>,
    /// Reads the password from the first line of the standard input instead of making one
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Role {
    Agent,
    Supervisor,
    Administrator,
}

fn skill(text: &str) -> Result<(String, u32), String> {
    let (name, level) = text.split_once('=').ok_or("a skill is written as gas=3")?;
    let level = level.parse().map_err(|_| "the proficiency is a number from 1 to 5")?;
    Ok((name.to_owned(), level))
}

/// Lists, adds, changes or removes.
pub(crate) async fn people(options: Options, format: Format) -> anyhow::Result<ExitCode> {
    let component = options.system.join().await?;
    let mut client = PeopleClient::new(component.caller(PEOPLE));
    match options.action {
        Action::List => {
            let listed = client.list_users(wire::ListUsersRequest {}).await?.into_inner();
            list(&listed.users, format);
        }
        Action::Add { name, about } => {
            let (password, made) = about.password()?;
            let has_phone = about.extension.as_ref().is_some_and(|it| !it.is_empty());
            let device_secret = if has_phone { secret()? } else { String::new() };
            let user = about.user(name);
            let request = wire::AddUserRequest { user: Some(user), password, device_secret };
            let said = Said { password: made, device_secret: request.device_secret.clone() };
            let added = client.add_user(request).await?.into_inner().user.unwrap_or_default();
            said.say(&added, format);
        }
        Action::Change { name, about, new_password } => {
            let (password, made) = match new_password || about.password_stdin {
                true => about.password().map(|(password, made)| (Some(password), made))?,
                false => (None, None),
            };
            let has_phone = about.extension.as_ref().is_some_and(|it| !it.is_empty());
            let device_secret = if has_phone { Some(secret()?) } else { None };
            let said =
                Said { password: made, device_secret: device_secret.clone().unwrap_or_default() };
            let request = about.change(name, password, device_secret);
            let changed = client.change_user(request).await?.into_inner().user.unwrap_or_default();
            said.say(&changed, format);
        }
        Action::Remove { name } => {
            client.remove_user(wire::RemoveUserRequest { name }).await?;
        }
    }
    component.leave().await;
    Ok(ExitCode::SUCCESS)
}

impl About {
    /// The password, and the same where it is to be said because it was made here.
    fn password(&self) -> anyhow::Result<(String, Option<String>)> {
        if !self.password_stdin {
            let made = secret()?;
            return Ok((made.clone(), Some(made)));
        }
        let mut input = String::new();
        let most = std::io::stdin().take(4096).read_to_string(&mut input);
        most.context("the password cannot be read")?;
        match input.lines().next() {
            Some(password) if !password.is_empty() => Ok((password.to_owned(), None)),
            _ => bail!("the standard input has no password in its first line"),
        }
    }

    fn roles(&self) -> Vec<i32> {
        let role = |role: &Role| match role {
            Role::Agent => wire::Role::Agent,
            Role::Supervisor => wire::Role::Supervisor,
            Role::Administrator => wire::Role::Administrator,
        };
        self.roles.iter().map(|it| role(it).into()).collect()
    }

    fn skills(&self) -> BTreeMap<String, u32> {
        self.skills.iter().cloned().collect()
    }

    fn user(&self, name: String) -> wire::UserRecord {
        wire::UserRecord {
            display_name: self.display_name.clone().unwrap_or_else(|| name.clone()),
            name,
            roles: self.roles(),
            team: self.team.clone().unwrap_or_default(),
            extension: self.extension.clone().unwrap_or_default(),
            skills: self.skills(),
        }
    }

    fn change(
        self,
        name: String,
        password: Option<String>,
        device_secret: Option<String>,
    ) -> wire::ChangeUserRequest {
        let roles = Some(self.roles()).filter(|it| !it.is_empty());
        let skills = Some(self.skills()).filter(|it| !it.is_empty());
        wire::ChangeUserRequest {
            name,
            roles: roles.map(|roles| wire::RoleList { roles }),
            skills: skills.map(|skills| wire::SkillList { skills }),
            display_name: self.display_name,
            team: self.team,
            extension: self.extension,
            password,
            device_secret,
        }
    }
}

/// What was made here and is known to nobody yet.
struct Said {
    password: Option<String>,
    device_secret: String,
}

impl Said {
    fn say(self, user: &wire::UserRecord, format: Format) {
        if format == Format::Json {
            let mut document = document(user);
            document["password"] = json!(self.password);
            document["device_secret"] = json!(self.device_secret);
            println!("{document}");
            return;
        }
        list(std::slice::from_ref(user), format);
        if let Some(password) = self.password {
            println!("\npassword         {password}");
        }
        if !self.device_secret.is_empty() {
            println!("secret of phone  {}", self.device_secret);
        }
    }
}

fn list(users: &[wire::UserRecord], format: Format) {
    if format == Format::Json {
        println!("{}", json!({ "users": users.iter().map(document).collect::<Vec<_>>() }));
        return;
    }
    println!("{:<12} {:<24} {:<26} {:<10} {:<6} skills", "user", "name", "roles", "team", "phone");
    for user in users {
        let skills: Vec<String> =
            user.skills.iter().map(|(skill, level)| format!("{skill}={level}")).collect();
        println!(
            "{:<12} {:<24} {:<26} {:<10} {:<6} {}",
            user.name,
            user.display_name,
            roles(user).join(" "),
            user.team,
            user.extension,
            skills.join(" ")
        );
    }
}

fn document(user: &wire::UserRecord) -> Value {
    json!({
        "user": user.name,
        "display_name": user.display_name,
        "roles": roles(user),
        "team": user.team,
        "extension": user.extension,
        "skills": user.skills,
    })
}

fn roles(user: &wire::UserRecord) -> Vec<&'static str> {
    let roles = user.roles.iter().filter_map(|it| wire::Role::try_from(*it).ok());
    let name = |role| match role {
        wire::Role::Agent => "agent",
        wire::Role::Supervisor => "supervisor",
        wire::Role::Administrator => "administrator",
        wire::Role::Unspecified => "",
    };
    roles.map(name).collect()
}

/// Signs that nobody can guess.
fn secret() -> anyhow::Result<String> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).context("the system gives no random numbers")?;
    // 32 signs, so that each is as likely as any other
    Ok(bytes.iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect())
}
