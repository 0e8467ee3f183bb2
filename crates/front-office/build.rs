//! Chooses the pages that are embedded: the built browser application, else a page that says how
//! to build it. Nothing is built here.

use std::path::Path;

fn main() -> std::io::Result<()> {
    // relative to this folder, so that a build cache serves several checkouts
    let built = Path::new("web/dist");
    // A folder that is not there would make cargo run this, and compile the crate, every time.
    std::fs::create_dir_all(built)?;
    println!("cargo:rerun-if-changed={}", built.display());
    let pages =
        if built.join("index.html").exists() { built } else { Path::new("web/placeholder") };
    println!("cargo:rustc-env=CARUSO_PAGES={}", pages.display());
    Ok(())
}
