//! Lists the built-in rule files and remedies, so that adding a library is adding one file.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

#[allow(clippy::print_stdout, reason = "cargo reads a build script's standard output")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    for folder in ["libraries", "remedies"] {
        println!("cargo::rerun-if-changed=rules/{folder}");
        let root = env::var("CARGO_MANIFEST_DIR")?;
        let stems = stems(&Path::new(&root).join("rules").join(folder))?;
        let mut code = String::from("&[\n");
        for stem in stems {
            let path = format!("/rules/{folder}/{stem}.toml");
            writeln!(code, "    ({stem:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),")?;
        }
        code.push(']');
        fs::write(Path::new(&env::var("OUT_DIR")?).join(format!("{folder}.rs")), code)?;
    }
    Ok(())
}

/// Names of the TOML files in a folder, without their extension, sorted.
fn stems(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut stems = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name().into_string().map_err(|name| format!("{name:?} is not UTF-8"))?;
            stems.extend(name.strip_suffix(".toml").map(str::to_owned));
        }
    }
    stems.sort();
    Ok(stems)
}
