//! The join tokens of an installation: what they let in, how often, until when. A pure state
//! machine with the time as input; secrets are known by their digests alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Tokens at a time.
pub const MOST_TOKENS: usize = 1_000;
/// Uses that one may have.
pub const MOST_USES: u32 = 1_000;
/// Seconds for which one that has ended is still known.
pub const REMEMBERED: u64 = 24 * 3600;
/// Longest time that one lets somebody in, in seconds.
pub const LONGEST: u64 = 30 * 24 * 3600;

/// Seconds since 1970.
pub type Seconds = u64;

/// A token that was made for one component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// SHA-256 of the secret, in hexadecimal digits.
    pub digest: String,
    /// Whom it lets in.
    pub component: String,
    /// How often, and how often it has.
    pub uses: u32,
    /// How often it was used.
    pub used: u32,
    /// It lets nobody in from this moment on.
    pub expires_at: Seconds,
    /// When the right was revoked.
    pub revoked_at: Option<Seconds>,
    /// No certificate that it gave is good from this moment on.
    pub certified_until: Seconds,
    /// The only interfaces that the component may offer; none for all that its name may.
    pub interfaces: BTreeSet<String>,
}

/// Why a token lets somebody not in, or not stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such token.
    Unknown,
    /// It was used as often as it may.
    UsedUp,
    /// Its time is over.
    Expired,
    /// Its right was revoked.
    Revoked,
    /// It is for another component.
    Foreign,
}

/// Every token by its id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinTokens {
    tokens: BTreeMap<String, Kept>,
}

impl JoinTokens {
    /// Every token by its id.
    pub fn all(&self) -> &BTreeMap<String, Kept> {
        &self.tokens
    }

    /// Adds a token; false where there are [`MOST_TOKENS`] already.
    pub fn add(&mut self, now: Seconds, id: &str, token: Kept) -> bool {
        self.forget(now);
        let has_room = self.tokens.len() < MOST_TOKENS;
        if has_room {
            self.tokens.insert(id.to_owned(), token);
        }
        has_room
    }

    /// Lets a component in by the token of this digest, whose certificate is good until then;
    /// answers with the token's id.
    ///
    /// # Errors
    /// As [`Refusal`] says, with the id where there is one. What is refused uses nothing up.
    pub fn admit(
        &mut self,
        now: Seconds,
        digest: &str,
        component: &str,
        until: Seconds,
    ) -> Result<String, (Refusal, Option<String>)> {
        let found = self.tokens.iter_mut().find(|(_, token)| token.digest == digest);
        let Some((id, token)) = found else { return Err((Refusal::Unknown, None)) };
        let refusal = if token.component != component {
            Some(Refusal::Foreign)
        } else if token.revoked_at.is_some() {
            Some(Refusal::Revoked)
        } else if now >= token.expires_at {
            Some(Refusal::Expired)
        } else if token.used >= token.uses {
            Some(Refusal::UsedUp)
        } else {
            None
        };
        if let Some(refusal) = refusal {
            return Err((refusal, Some(id.clone())));
        }
        token.used += 1;
        token.certified_until = token.certified_until.max(until);
        Ok(id.clone())
    }

    /// Lets whoever was let in by this token have another certificate, good until then.
    ///
    /// # Errors
    /// [`Refusal::Unknown`], [`Refusal::Revoked`].
    pub fn renew(&mut self, id: &str, until: Seconds) -> Result<(), Refusal> {
        let token = self.tokens.get_mut(id).ok_or(Refusal::Unknown)?;
        if token.revoked_at.is_some() {
            return Err(Refusal::Revoked);
        }
        token.certified_until = token.certified_until.max(until);
        Ok(())
    }

    /// Lets nobody in by this token any more, nor stay; false where there is none.
    pub fn revoke(&mut self, now: Seconds, id: &str) -> bool {
        let Some(token) = self.tokens.get_mut(id) else { return false };
        token.revoked_at.get_or_insert(now);
        true
    }

    /// The revoked ones that somebody may still hold a certificate of.
    pub fn revoked(&self, now: Seconds) -> BTreeSet<String> {
        let is_revoked = |(_, token): &(&String, &Kept)| {
            token.revoked_at.is_some() && now < token.certified_until
        };
        self.tokens.iter().filter(is_revoked).map(|(id, _)| id.clone()).collect()
    }

    /// Forgets those that have ended, and whose certificates have, [`REMEMBERED`] after that: until
    /// then whoever comes with one is told why it does not let in.
    pub fn forget(&mut self, now: Seconds) {
        self.tokens.retain(|_, token| {
            let ended_at = token.revoked_at.unwrap_or(token.expires_at).max(token.certified_until);
            now < ended_at + REMEMBERED
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(component: &str) -> Kept {
        Kept {
            digest: format!("digest of {component}"),
            component: component.to_owned(),
            uses: 2,
            used: 0,
            expires_at: 100,
            revoked_at: None,
            certified_until: 0,
            interfaces: BTreeSet::new(),
        }
    }

    fn with(component: &str) -> JoinTokens {
        let mut tokens = JoinTokens::default();
        assert!(tokens.add(0, "t1", token(component)));
        tokens
    }

    const ERP: &str = "digest of erp";

    #[test]
    fn a_token_lets_its_component_in_as_often_as_it_may_and_nobody_else() {
        let mut tokens = with("erp");
        let refused = |refusal| Err((refusal, Some("t1".to_owned())));
        assert_eq!(tokens.admit(1, "guess", "erp", 9), Err((Refusal::Unknown, None)));
        assert_eq!(tokens.admit(1, ERP, "billing", 9), refused(Refusal::Foreign));
        assert_eq!(tokens.admit(100, ERP, "erp", 109), refused(Refusal::Expired));
        assert_eq!(tokens.all()["t1"].used, 0, "what is refused uses nothing up");
        assert_eq!(tokens.admit(1, ERP, "erp", 9), Ok("t1".to_owned()));
        assert_eq!(tokens.admit(99, ERP, "erp", 108), Ok("t1".to_owned()));
        assert_eq!(tokens.admit(99, ERP, "erp", 108), refused(Refusal::UsedUp));
    }

    #[test]
    fn whoever_was_let_in_stays_until_the_token_is_revoked() {
        let mut tokens = with("erp");
        tokens.admit(1, ERP, "erp", 30).expect("let in");
        assert_eq!(tokens.renew("t1", 150), Ok(()), "also when it lets in nobody any more");
        assert_eq!(tokens.renew("t2", 150), Err(Refusal::Unknown));
        assert!(tokens.revoked(110).is_empty());
        assert!(tokens.revoke(110, "t1") && tokens.revoke(120, "t1") && !tokens.revoke(110, "t2"));
        assert_eq!(tokens.all()["t1"].revoked_at, Some(110));
        assert_eq!(tokens.renew("t1", 200), Err(Refusal::Revoked));
        let refused = Err((Refusal::Revoked, Some("t1".to_owned())));
        assert_eq!(tokens.admit(50, ERP, "erp", 80), refused);
        assert_eq!(tokens.revoked(149), BTreeSet::from(["t1".to_owned()]));
        assert!(tokens.revoked(150).is_empty(), "its certificates are over by themselves");
    }

    #[test]
    fn what_can_do_nothing_any_more_is_forgotten_and_the_number_is_bounded() {
        let mut tokens = with("erp");
        tokens.admit(1, ERP, "erp", 130).expect("let in");
        tokens.forget(129 + REMEMBERED);
        assert_eq!(tokens.all().len(), 1, "somebody was here by it");
        tokens.forget(130 + REMEMBERED);
        assert!(tokens.all().is_empty());
        for number in 0..MOST_TOKENS {
            assert!(tokens.add(0, &number.to_string(), token("erp")));
        }
        assert!(!tokens.add(0, "more", token("erp")));
        let later = 100 + REMEMBERED;
        assert!(tokens.add(later, "more", token("erp")), "the others have expired");
    }
}
