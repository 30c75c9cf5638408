//! Lists the built-in rule files, so that adding a library is adding one file.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

#[allow(clippy::print_stdout, reason = "cargo reads a build script's standard output")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules/libraries");
    println!("cargo::rerun-if-changed=build.rs");
    let root = env::var("CARGO_MANIFEST_DIR")?;
    let libraries = Path::new(&root).join("rules/libraries");
    let mut stems = Vec::new();
    if libraries.is_dir() {
        for entry in fs::read_dir(&libraries)? {
            let name = entry?.file_name().into_string().map_err(|name| format!("{name:?} is not UTF-8"))?;
            if let Some(stem) = name.strip_suffix(".toml") {
                stems.push(stem.to_owned());
            }
        }
    }
    stems.sort();
    let mut code = String::from("&[\n");
    for stem in stems {
        let path = format!("/rules/libraries/{stem}.toml");
        writeln!(code, "    ({stem:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),")?;
    }
    code.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("libraries.rs"), code)?;
    Ok(())
}
