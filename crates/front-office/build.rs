//! Chooses the pages that are embedded: the built browser application, else a page that says how
//! to build it. Nothing is built here.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    let built = web.join("dist");
    // A folder that is not there would make cargo run this, and compile the crate, every time.
    std::fs::create_dir_all(&built)?;
    println!("cargo:rerun-if-changed={}", built.display());
    let pages = if built.join("index.html").exists() { built } else { web.join("placeholder") };
    println!("cargo:rustc-env=CARUSO_PAGES={}", pages.display());
    Ok(())
}
