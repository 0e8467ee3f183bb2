//! A disk that is soon full.

use crate::program::{Failed, Missing, find, need_root};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const WHAT: &str = "mounting a small disk";
const FILLER: &str = "filler";

/// A small file system in memory. Dropping it takes it away, with what it holds; drop what uses it
/// later.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Mounts one of so many mebibytes over a folder, for the folder's owner.
    ///
    /// # Errors
    /// [`Missing`] where this user may not mount.
    pub fn mount(folder: &Path, mebibytes: u32) -> Result<Result<Self, Failed>, Missing> {
        need_root(WHAT)?;
        let mount = find("mount", "mount")?;
        let owner = match fs::metadata(folder) {
            Ok(owner) => owner,
            Err(source) => return Ok(Err(Failed::Run { program: "mount", source })),
        };
        let options =
            format!("size={mebibytes}m,mode=0700,uid={},gid={}", owner.uid(), owner.gid());
        let mounted =
            Command::new(mount).args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder).output();
        match mounted {
            Ok(output) if output.status.success() => Ok(Ok(Self { folder: folder.to_owned() })),
            // root in a container is not always one who may
            Ok(_) => Err(Missing::Root { what: WHAT }),
            Err(source) => Ok(Err(Failed::Run { program: "mount", source })),
        }
    }

    /// Leaves no room.
    ///
    /// # Errors
    /// What the system says, other than that there is no room.
    pub fn fill(&self) -> io::Result<()> {
        let block = [b'x'; 4096];
        let mut filler = fs::File::create(self.folder.join(FILLER))?;
        loop {
            match io::Write::write_all(&mut filler, &block) {
                Ok(()) => {}
                Err(full) if full.kind() == io::ErrorKind::StorageFull => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Makes room again.
    ///
    /// # Errors
    /// What the system says.
    pub fn make_room(&self) -> io::Result<()> {
        fs::remove_file(self.folder.join(FILLER))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // as soon as nobody uses it any more
        let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
    }
}
