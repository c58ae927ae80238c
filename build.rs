//! Puts the built dashboard and the client for pages where `http/pages.rs` embeds them, with
//! compressed copies instead of what is text, so that the program compresses nothing while it runs.

use std::fs;
use std::io::{Error, Write};
use std::path::{Path, PathBuf};

/// Below this the headers weigh more than what compression saves.
const BYTES_MIN: usize = 512;
/// The client for pages without a bundler, as built.
const CLIENT: &str = "clients/js/browser";
/// What is text. Pictures and fonts are compressed by their own formats.
const TEXT: [&str; 9] = ["html", "js", "css", "svg", "json", "map", "txt", "md", "webmanifest"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=web/dist");
    println!("cargo::rerun-if-changed={CLIENT}");
    let from = Path::new("web/dist");
    if !from.join("index.html").is_file() {
        println!("cargo::error=web/dist is missing: run `npm ci && npm run build` in web/ first");
        std::process::exit(1);
    }
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
    let to = Path::new(&out).join("dist");
    // What an earlier build left would be embedded as well.
    if to.exists() {
        fs::remove_dir_all(&to).expect("OUT_DIR can be written");
    }
    if let Err(error) = copy(from, &to) {
        println!("cargo::error=web/dist cannot be copied: {error}");
        std::process::exit(1);
    }
    if let Err(error) = copy(Path::new(CLIENT), &to.join("client")) {
        println!("cargo::error={CLIENT} cannot be copied: {error}");
        std::process::exit(1);
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
            continue;
        }
        let plain = fs::read(entry.path())?;
        let is_text = target
            .extension()
            .is_some_and(|extension| TEXT.iter().any(|known| extension == *known));
        if is_text && plain.len() >= BYTES_MIN {
            // The few that take neither get what comes out of the second.
            fs::write(with_suffix(&target, "br"), brotli(&plain)?)?;
            fs::write(with_suffix(&target, "gz"), gzip(&plain)?)?;
        } else {
            fs::write(&target, &plain)?;
        }
    }
    Ok(())
}

fn with_suffix(target: &Path, suffix: &str) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

fn brotli(plain: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    let (buffer_bytes, quality, window) = (64 * 1_024, 11, 22);
    brotli::CompressorWriter::new(&mut out, buffer_bytes, quality, window).write_all(plain)?;
    Ok(out)
}

fn gzip(plain: &[u8]) -> Result<Vec<u8>, Error> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(plain)?;
    writer.finish()
}
