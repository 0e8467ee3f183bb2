//! The program's files: from the release to a folder of this machine.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use caruso_application::Wrapper;
use caruso_component::{Error, Release};

use crate::{Declared, Installation, Program, Speaks};

/// Writes the program and everything beside it (its folder in the release; of a program at the
/// top the program alone) to `folder`, which belongs to the wrapper alone:
/// `program/<digest>/…`; what is there of other releases goes. Answers with the program, which
/// works and keeps its own data in `files/`.
///
/// # Errors
/// [`Error::Data`] for a file that cannot be written, or is not in the release.
pub fn install(
    release: &Release,
    wrapper: &Wrapper,
    folder: &Path,
    installation: &Installation,
) -> Result<Program, Error> {
    let file = Path::new(&wrapper.program);
    if release.file(&wrapper.program).is_none() {
        let reason = "the release does not contain this program";
        return Err(Error::data(file)(io::Error::new(io::ErrorKind::NotFound, reason)));
    }
    // A relative path would be taken from the folder that the program works in.
    let folder = std::path::absolute(folder).map_err(Error::data(folder))?;
    let data = folder.join("files");
    make(&data)?;
    let programs = folder.join("program");
    let name: String = release.digest().chars().filter(char::is_ascii_alphanumeric).collect();
    let root = programs.join(name);
    write_all(release, wrapper, &root)?;
    remove_others(&programs, &root)?;
    let declared = Declared::from_application(wrapper);
    Ok(Program {
        name: wrapper.name.clone(),
        file: root.join(file),
        root,
        speaks: if wrapper.is_grpc { Speaks::Grpc } else { Speaks::Lines },
        configured: wrapper.configured.clone(),
        installation: installation.clone(),
        arguments: Vec::new(),
        folder: data.clone(),
        data,
        declared,
    })
}

fn write_all(release: &Release, wrapper: &Wrapper, root: &Path) -> Result<(), Error> {
    let program = wrapper.program.as_str();
    let started = wrapper.configured.as_ref().and_then(|it| it.program());
    let beside = program.rfind('/').map(|end| &program[..=end]);
    let is_part = |path: &str| match beside {
        Some(folder) => path.starts_with(folder),
        None => path == program,
    };
    for (path, content) in release.files().iter().filter(|(path, _)| is_part(path)) {
        let target = root.join(path);
        make(target.parent().unwrap_or(root))?;
        fs::write(&target, content).map_err(Error::data(&target))?;
        let is_run = path == program || started == Some(path.as_str());
        let mode = if is_run { 0o700 } else { 0o600 };
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(&target, permissions).map_err(Error::data(&target))?;
    }
    Ok(())
}

fn remove_others(programs: &Path, keep: &Path) -> Result<(), Error> {
    let entries = fs::read_dir(programs).map_err(Error::data(programs))?;
    for entry in entries {
        let path: PathBuf = entry.map_err(Error::data(programs))?.path();
        if path != keep {
            fs::remove_dir_all(&path).map_err(Error::data(&path))?;
        }
    }
    Ok(())
}

fn make(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(Error::data(folder))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn release(files: &[(&str, &'static str)]) -> Release {
        let files: BTreeMap<_, _> =
            files.iter().map(|(path, text)| ((*path).to_owned(), (*text).into())).collect();
        Release::new(files)
    }

    fn erp() -> Wrapper {
        let (name, program) = ("erp".into(), "erp/wrapper.py".into());
        let (operations, classes) = (BTreeMap::new(), BTreeMap::new());
        Wrapper { name, program, is_grpc: false, configured: None, operations, classes }
    }

    #[test]
    fn the_program_and_what_lies_beside_it_is_written_and_older_ones_go() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let first = release(&[("erp/wrapper.py", "1"), ("erp/deep/codes.csv", "a"), ("x.xml", "")]);
        let old = install(&first, &erp(), folder.path(), &Installation::default())
            .expect("a writable folder");
        let codes = old.file.with_file_name("deep/codes.csv");
        assert_eq!(fs::read_to_string(codes).expect("written"), "a");
        let mode = fs::metadata(&old.file).expect("written").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert!(old.data.is_dir() && old.file.is_absolute());

        let second = release(&[("erp/wrapper.py", "2")]);
        let new = install(&second, &erp(), folder.path(), &Installation::default())
            .expect("a writable folder");
        assert_eq!(fs::read_to_string(&new.file).expect("written"), "2");
        assert!(!old.file.exists());
        assert_eq!(
            install(&second, &erp(), folder.path(), &Installation::default()).expect("again"),
            new
        );
    }

    #[test]
    fn a_program_that_the_release_lacks_is_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let error = install(&release(&[]), &erp(), folder.path(), &Installation::default())
            .expect_err("no such program");
        let expected =
            "cannot use erp/wrapper.py: the release does not contain this program".to_owned();
        assert_eq!(error.to_string(), expected);
    }
}
