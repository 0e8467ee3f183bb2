//! Effects in words.

use super::*;

pub(super) fn told(action: &Action) -> String {
    let number = |contact: &ContactId| contact.0.as_u128();
    match action {
        Action::StartIvr { contact, script, language } => {
            let language = language.as_ref().map(|it| format!(" in {it}")).unwrap_or_default();
            format!("start {script} {}{language}", number(contact))
        }
        Action::StopIvr { contact } => format!("stop ivr {}", number(contact)),
        Action::PlayMusic { contact, prompt, offer } => {
            let offer = offer.as_ref().map(|it| format!(", then {it}")).unwrap_or_default();
            format!("play {prompt} {}{offer}", number(contact))
        }
        Action::TalkAside { contact, script, wait, .. } => {
            let wait = wait.map(|wait| announcement::in_words(&wait)).unwrap_or_default();
            format!("{script} aside {}{wait}", number(contact))
        }
        Action::Ring { contact, agent, .. } => format!("ring {agent} for {}", number(contact)),
        Action::Dial { contact, agent, .. } => format!("ring {agent} to dial {}", number(contact)),
        Action::CallCustomer { contact, .. } => format!("call {}", number(contact)),
        Action::RingForLine { contact, agent, .. } => {
            format!("ring {agent} for the line of {}", number(contact))
        }
        Action::CallForPhone { contact, .. } => format!("call {} for the phone", number(contact)),
        Action::CallOutside { contact, .. } => format!("call outside for {}", number(contact)),
        Action::AskOutside { .. } => "ask outside".to_owned(),
        Action::CallBack { contact, .. } => format!("call back {}", number(contact)),
        Action::DropAgent { .. } => "drop agent".into(),
        Action::Listen { contact, mode, .. } => format!("{} {}", mode.name(), number(contact)),
        Action::Bridge { contact, .. } => format!("bridge {}", number(contact)),
        Action::Part { contact } => format!("part {}", number(contact)),
        Action::BridgeAgents { .. } => "bridge agents".into(),
        Action::Confer { contact, .. } => format!("confer {}", number(contact)),
        Action::PlayToAgent { prompt, .. } => format!("play {prompt} to agent"),
        Action::Record { contact, queue, .. } => format!("record {} in {queue}", number(contact)),
        Action::DropCaller { contact, cause, prompt } => {
            let after = prompt.as_ref().map(|it| format!(" after {it}")).unwrap_or_default();
            format!("drop caller {} {}{after}", number(contact), cause.name())
        }
        Action::File { contact } => format!("file {}", number(contact)),
    }
}
