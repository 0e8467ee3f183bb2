//! What fuzzing found on its way, and what it must never find again.

use std::path::Path;

use caruso_fuzz::TARGETS;

#[test]
fn every_corpus_is_replayed() {
    for (name, target) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let entries = std::fs::read_dir(&folder).expect("each target has a corpus");
        let files: Vec<_> = entries.map(|it| it.expect("readable").path()).collect();
        assert!(files.len() >= 10, "{name} has {} files", files.len());
        for file in files {
            // the name of the file stands in the output of a test that fails
            println!("{}", file.display());
            target(&std::fs::read(&file).expect("readable"));
        }
    }
}

#[test]
fn the_scripts_of_the_example_are_taken() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/utilities/scripts");
    let entries = std::fs::read_dir(root).expect("the example is there");
    for entry in entries {
        let path = entry.expect("readable").path();
        caruso_fuzz::script(&std::fs::read(path).expect("readable"));
    }
}
