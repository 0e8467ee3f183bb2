//! The application's release as the manager holds it.

use std::path::Path;

use caruso_api::registry::v1::GetReleaseResponse;
use caruso_component::{Release, read_file, replace_file, status};
use futures::Stream;
use tonic::{Code, Status};

use crate::Error;

/// Longest part of a file in one message.
const PART: usize = 256 * 1024;

/// Keeps the release that was given, or takes the one kept before.
pub(crate) fn load(data: &Path, given: Option<Release>) -> Result<Release, Error> {
    let path = data.join("release.bin");
    if let Some(release) = given {
        replace_file(&path, &release.to_bytes())?;
        return Ok(release);
    }
    let content = read_file(&path)?.ok_or(Error::NoRelease)?;
    Release::from_bytes(content).ok_or(Error::Damaged(path))
}

/// The parts of every file, in order; an empty file is one empty part.
pub(crate) fn parts(
    release: &Release,
    digest: &str,
) -> Result<impl Stream<Item = Result<GetReleaseResponse, Status>> + use<>, Status> {
    if release.digest() != digest {
        return Err(status(Code::NotFound, "CR0104", format!("there is no release {digest} here")));
    }
    let files: Vec<_> = release.files().iter().map(|(p, c)| (p.clone(), c.clone())).collect();
    let parts = files.into_iter().flat_map(|(path, content)| {
        let starts = (0..content.len().max(1)).step_by(PART);
        starts.map(move |start| {
            let end = content.len().min(start + PART);
            Ok(GetReleaseResponse { path: path.clone(), content: content[start..end].to_vec() })
        })
    });
    Ok(futures::stream::iter(parts))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use futures::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn a_release_leaves_in_parts_that_make_it_again() {
        let long = vec![7; 2 * PART + 1];
        let files = [("a.wav", long), ("empty", Vec::new())];
        let files = files.map(|(path, content)| (path.to_owned(), content.into()));
        let release = Release::new(BTreeMap::from(files));
        let sent: Vec<_> = parts(&release, release.digest()).expect("it is here").collect().await;
        let mut whole: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for part in sent {
            let part = part.expect("a part");
            assert!(part.content.len() <= PART);
            whole.entry(part.path).or_default().extend(part.content);
        }
        let whole = whole.into_iter().map(|(path, content)| (path, content.into())).collect();
        assert_eq!(release.files(), &whole);
        assert!(parts(&release, "sha256:00").is_err(), "there is no other");
    }
}
