//! Each format with the shapes that its versions write.

use super::*;

/// Parses a lockfile and asks for the versions of `packages` from `importer`.
fn versions(name: &str, text: &str, importer: &str, packages: &[(&str, &str)]) -> Vec<Option<String>> {
    let wanted = packages.iter().map(|(package, _)| *package).collect();
    let lock = Lockfile::parse(name, text, &wanted).unwrap();
    let manifest = PackageManifest { name: Some("@app/server".to_owned()), ..Default::default() };
    packages.iter().map(|(package, range)| lock.version(importer, &manifest, package, range)).collect()
}

fn some(versions: &[&str]) -> Vec<Option<String>> {
    versions.iter().map(|version| (!version.is_empty()).then(|| (*version).to_owned())).collect()
}

#[test]
fn npm_version_3_prefers_the_importers_own_copy() {
    let text = r#"{ "name": "x", "lockfileVersion": 3, "packages": {
        "": { "dependencies": { "ws": "^8.0.0" } },
        "node_modules/ws": { "version": "8.18.0", "resolved": "https://r/ws" },
        "node_modules/@app/server": { "resolved": "apps/server", "link": true },
        "apps/server/node_modules/ws": { "version": "7.5.9" },
        "node_modules/other/node_modules/redis": { "version": "2.0.0" } } }"#;
    let asked = [("ws", "^8.0.0"), ("redis", "^2.0.0"), ("@app/server", "*")];
    assert_eq!(versions("package-lock.json", text, "", &asked), some(&["8.18.0", "", ""]));
    assert_eq!(versions("package-lock.json", text, "apps/server", &asked), some(&["7.5.9", "", ""]));
}

#[test]
fn npm_version_1_lists_names() {
    let text = r#"{ "lockfileVersion": 1, "dependencies": {
        "@socket.io/redis-adapter": { "version": "7.0.0", "requires": { "ws": "1" }, "dependencies": {
            "ws": { "version": "6.0.0" } } },
        "ws": { "version": "8.0.0" }, "fork": { "version": "git+https://x/y.git" } } }"#;
    let asked = [("@socket.io/redis-adapter", ""), ("ws", ""), ("fork", "")];
    assert_eq!(versions("npm-shrinkwrap.json", text, "", &asked), some(&["7.0.0", "8.0.0", ""]));
}

#[test]
fn yarn_classic_answers_by_range() {
    let text = "# yarn lockfile v1\n\n\n\"@socket.io/redis-adapter@^7.0.0\":\n  version \"7.2.0\"\n  dependencies:\n    \
                debug \"~4\"\n\nredis@^3.0.0, redis@^3.1.0:\n  version \"3.1.2\"\n\nredis@^4.0.0:\n  version \"4.6.7\"\n";
    let asked = [("@socket.io/redis-adapter", "^7.1.0"), ("redis", "^3.1.0"), ("redis", "^4.0.0"), ("redis", "^9")];
    assert_eq!(versions("yarn.lock", text, "", &asked), some(&["7.2.0", "3.1.2", "4.6.7", ""]));
}

#[test]
fn yarn_berry_answers_by_range() {
    let text = "__metadata:\n  version: 8\n  cacheKey: 10\n\n\"redis@npm:^4.0.0, redis@npm:^4.1.0\":\n  version: 4.6.7\n  \
                resolution: \"redis@npm:4.6.7\"\n  dependencies:\n    ws: \"npm:^8\"\n  languageName: node\n\n\
                \"@app/shared@workspace:*, @app/shared@workspace:shared\":\n  version: 0.0.0-use.local\n";
    let asked = [("redis", "^4.1.0"), ("redis", "npm:^4.0.0")];
    assert_eq!(versions("yarn.lock", text, "", &asked), some(&["4.6.7", "4.6.7"]));
}

#[test]
fn pnpm_of_all_versions() {
    let five = "lockfileVersion: 5.4\n\nspecifiers:\n  redis: ^4.0.0\n\ndependencies:\n  '@x/y': 1.2.3_peer@1.0.0\n  \
                redis: 4.6.7\n  shared: link:../shared\n\npackages:\n\n  /redis/9.9.9:\n    dependencies:\n      redis: 9.9.9\n";
    let asked = [("redis", ""), ("@x/y", ""), ("shared", "")];
    assert_eq!(versions("pnpm-lock.yaml", five, "", &asked), some(&["4.6.7", "1.2.3", ""]));
    let nine = "lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n\ncatalogs:\n  default:\n    redis:\n      \
                specifier: ^1.0.0\n      version: 1.0.0\n\nimporters:\n\n  .:\n    devDependencies:\n      redis:\n        \
                specifier: ^3.0.0\n        version: 3.1.2\n\n  apps/server:\n    dependencies:\n      '@x/y':\n        \
                specifier: ^1\n        version: 1.2.3(ws@8.0.0(a@1.0.0))\n      redis:\n        specifier: npm:@fork/redis@^4\n        \
                version: '@fork/redis@4.0.1'\n      shared:\n        specifier: workspace:*\n        version: link:../../shared\n\n\
                packages:\n\n  redis@9.9.9:\n    resolution: {integrity: x}\n";
    assert_eq!(versions("pnpm-lock.yaml", nine, "", &asked), some(&["3.1.2", "", ""]));
    assert_eq!(versions("pnpm-lock.yaml", nine, "apps/server", &asked), some(&["4.0.1", "1.2.3", ""]));
}

#[test]
fn bun_prefers_the_importers_own_copy() {
    let text = r#"{
      "lockfileVersion": 1,
      "workspaces": { "": { "name": "root", }, },
      "packages": {
        "ws": ["ws@8.18.0", "", { "peerDependencies": { "x": "*", }, }, "sha512-x=="],
        "@app/server/ws": ["ws@7.0.0", "", {}, "sha512-y=="],
        "redis": ["redis@4.6.7", "", {}, "sha512-//z=="],
      },
    }"#;
    assert_eq!(versions("bun.lock", text, "", &[("ws", ""), ("redis", "")]), some(&["7.0.0", "4.6.7"]));
}

#[test]
fn broken_lockfiles_name_the_line() {
    let line = |name: &str, text: &str| Lockfile::parse(name, text, &FxHashSet::default()).unwrap_err().line;
    assert_eq!(line("package-lock.json", "{\n  \"packages\": {\n"), Some(3));
    assert_eq!(line("yarn.lock", "# yarn lockfile v1\n<<<<<<< HEAD\n"), Some(2));
    assert_eq!(line("yarn.lock", "404: not\nfound\n"), Some(1));
    assert_eq!(line("pnpm-lock.yaml", "hello: world\n"), Some(1));
    assert_eq!(line("bun.lock", "{\n  \"packages\": [\n"), Some(2));
}
