//! A contact that the agent lays aside, and its script.

use super::*;

/// Another contact comes first: the script of the one laid aside is not given up.
pub(crate) async fn lays_aside(stage: &Stage, desk: &mut Streaming<desk::WatchDeskResponse>) {
    let mut before = None;
    stage.world.status.send_modify(|status| {
        let contact = status.contact.take().expect("a call");
        status.laid_aside = vec![contact::LaidAside {
            contact_id: contact.contact_id.clone(),
            ..Default::default()
        }];
        let other = contact::CurrentContact { contact_id: "c9".to_owned(), ..Default::default() };
        (status.contact, before) = (Some(other), Some(contact));
    });
    until(desk, "no script", |desk| desk.script.is_none()).await;
    stage.world.status.send_modify(|status| {
        (status.contact, status.laid_aside) = (before.take(), Vec::new());
    });
    until(desk, "its script again", |desk| desk.script.is_some()).await;
    let told = stage.world.told();
    assert!(!told.iter().any(|it| it.contains("cancels")), "{told:?}");
}
