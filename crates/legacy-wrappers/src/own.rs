//! A program of this machine, which stands in no release.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use caruso_application::Wrapper;
use caruso_component::Error;

use crate::{Declared, Installation, Program, Speaks};

/// A program with what it is told, as somebody would start it by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnProgram {
    /// Its file, or a name that is looked up in `PATH`.
    pub file: PathBuf,
    /// What it is told on its command line.
    pub arguments: Vec<OsString>,
    /// How it is asked, where the application does not say by gRPC.
    pub speaks: Speaks,
    /// The folder that it works in; a relative `file` is taken from there.
    pub folder: PathBuf,
}

impl OwnProgram {
    /// The same as the program of a wrapper, which keeps its data in `files/` of `folder`.
    ///
    /// # Errors
    /// [`Error::Data`] for a folder that cannot be made.
    pub fn program(&self, wrapper: &Wrapper, folder: &Path) -> Result<Program, Error> {
        let folder = std::path::absolute(folder).map_err(Error::data(folder))?;
        let data = folder.join("files");
        fs::create_dir_all(&data).map_err(Error::data(&data))?;
        let is_path = self.file.components().count() > 1;
        let file = if is_path { self.folder.join(&self.file) } else { self.file.clone() };
        Ok(Program {
            name: wrapper.name.clone(),
            file,
            root: self.folder.clone(),
            speaks: if wrapper.is_grpc { Speaks::Grpc } else { self.speaks },
            configured: None,
            installation: Installation::default(),
            arguments: self.arguments.clone(),
            data,
            folder: self.folder.clone(),
            declared: Declared::from_application(wrapper),
        })
    }
}
