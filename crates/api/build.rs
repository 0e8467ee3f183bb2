//! Compiles every file below `proto/` to messages, clients and servers, and keeps the descriptor
//! set, from which tests enumerate all rpcs, and the contract of every interface.

use std::path::{Path, PathBuf};

use caruso_contract::Contract;
use prost::Message;

fn main() -> anyhow::Result<()> {
    // relative to this folder, so that a build cache serves several checkouts
    let root = Path::new("../../proto");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(root, &mut files)?;
    files.sort();

    let descriptors = protox::compile(&files, [root])?;
    let output = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(output.join("descriptors.bin"), descriptors.encode_to_vec())?;
    contracts(&descriptors, &output)?;
    encoded(&descriptors, &output.join("encoded"))?;
    tonic_prost_build::configure().btree_map(".").compile_fds(descriptors)?;
    Ok(())
}

/// The contract of every service: its bytes in a file, and a table of them by interface.
fn contracts(all: &prost_types::FileDescriptorSet, output: &Path) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for file in &all.file {
        for service in &file.service {
            let interface = format!("{}.{}", file.package(), service.name());
            let contract = Contract::from_set(all, &interface)?;
            std::fs::write(output.join(format!("{interface}.pb")), contract.to_bytes())?;
            let bytes = format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{interface}.pb\"))");
            let digest = contract.digest();
            rows.push(format!(
                "Contract {{ interface: {interface:?}, digest: \"{digest}\", \
                 descriptor_set: {bytes} }},\n"
            ));
        }
    }
    rows.sort();
    std::fs::write(output.join("contracts.rs"), format!("&[\n{}]", rows.concat()))?;
    Ok(())
}

/// Servers once more with other types for some of their answers, as `src/encoded.rs` has them.
fn encoded(all: &prost_types::FileDescriptorSet, output: &Path) -> anyhow::Result<()> {
    let objects = ["GetResponse", "QueryResponse", "StreamResponse"];
    let objects = objects.map(|answer| (answer, format!("crate::encoded::{answer}")));
    let directory = ["ResolveResponse", "WatchResponse"];
    let directory = directory.map(|answer| (answer, "crate::encoded::Encoded".to_owned()));
    // most of what the directory has open are streams of small messages
    let (whole, small) = ("tonic_prost::ProstCodec", "crate::encoded::SmallCodec");
    let servers = [
        ("caruso.storage.v1", "crate::storage::v1", Vec::from(objects), whole),
        ("caruso.registry.v1", "crate::registry::v1", Vec::from(directory), small),
    ];
    std::fs::create_dir_all(output)?;
    for (package, module, answers, codec) in servers {
        let mut descriptors = all.clone();
        descriptors.file.retain(|file| [package, "google.protobuf"].contains(&file.package()));
        let mut build = tonic_prost_build::configure().build_client(false).out_dir(output);
        build = build.codec_path(codec).extern_path(format!(".{package}"), module);
        for (answer, path) in answers {
            build = build.extern_path(format!(".{package}.{answer}"), path);
        }
        build.compile_fds(descriptors)?;
    }
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
