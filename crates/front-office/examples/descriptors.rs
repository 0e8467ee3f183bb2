//! Writes the descriptor set of every proto file to standard output, for `npm run gen` in `web/`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(caruso_api::DESCRIPTORS)
}
