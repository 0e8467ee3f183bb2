//! "Did you mean": the nearest of the names that would have been right.

use strsim::osa_distance;

/// Longest name, in bytes, that is compared.
const MAX_NAME: usize = 64;
/// Most names that [`suggest`] lists when none is near.
const MAX_LISTED: usize = 12;

/// The candidate that differs least from `name`, if it differs little: at most a third of the
/// longer name's letters (one at least), capitals aside. The first of several equals.
///
/// ```
/// use caruso_markup::nearest;
///
/// assert_eq!(nearest("custmer", ["customer", "meter"]), Some("customer"));
/// assert_eq!(nearest("Customer", ["customer"]), Some("customer"));
/// assert_eq!(nearest("invoice", ["customer", "meter"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > MAX_NAME {
        return None;
    }
    let lower = name.to_lowercase();
    let distances = candidates.into_iter().filter(|it| it.len() <= MAX_NAME).map(|candidate| {
        let longer = candidate.chars().count().max(name.chars().count());
        let distance = osa_distance(&lower, &candidate.to_lowercase());
        (distance, (longer / 3).max(1), candidate)
    });
    let near = distances.filter(|(distance, limit, _)| distance <= limit);
    near.min_by_key(|(distance, ..)| *distance).map(|(.., candidate)| candidate)
}

/// A hint for an unknown name: the nearest candidate, or all of them if they are few.
///
/// ```
/// use caruso_markup::suggest;
///
/// assert_eq!(suggest("fautls", ["faults", "moving"]).as_deref(), Some("did you mean `faults`?"));
/// let both = ["faults", "moving"];
/// assert_eq!(suggest("sales", both).as_deref(), Some("known: `faults`, `moving`"));
/// assert_eq!(suggest("sales", []), None);
/// ```
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(near) = nearest(name, candidates.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let listed = !candidates.is_empty() && candidates.len() <= MAX_LISTED;
    listed.then(|| format!("known: {}", quoted(&candidates)))
}

/// Names in back quotes, separated by commas.
pub(crate) fn quoted<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    quoted.join(", ")
}
