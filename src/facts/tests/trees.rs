use super::*;
#[test]
fn trees() {
    let Ok(root) = std::env::var("TREES") else { return };
    let mut pending = vec![std::path::PathBuf::from(root)];
    let (mut files, mut errors, mut deep, mut bytes, mut parse, mut total) = (0, 0, 0, 0u64, 0.0, 0.0);
    let mut slow = vec![];
    while let Some(p) = pending.pop() {
        let Ok(meta) = p.symlink_metadata() else { continue };
        if meta.is_symlink() {
            continue;
        }
        if meta.is_dir() {
            if p.file_name().is_some_and(|n| n == "node_modules" || n == ".git") {
                continue;
            };
            for e in std::fs::read_dir(&p).unwrap() {
                pending.push(e.unwrap().path())
            }
            continue;
        }
        let language = match p.extension().and_then(|e| e.to_str()).unwrap_or("") {
            "ts" | "mts" | "cts" => Language::TypeScript,
            "tsx" => Language::Tsx,
            "js" | "jsx" | "mjs" | "cjs" => Language::JavaScript,
            _ => continue,
        };
        let Ok(text) = std::fs::read_to_string(&p) else { continue };
        if text.len() > 5_000_000 {
            continue;
        }
        let t = std::time::Instant::now();
        let tree = crate::syntax::Tree::parse(&text, language);
        let t1 = t.elapsed().as_secs_f64();
        drop(tree);
        let t = std::time::Instant::now();
        let (facts, problems) = lower(&text, language);
        let t2 = t.elapsed().as_secs_f64();
        parse += t1;
        total += t2;
        slow.push((t2, p.clone(), text.len(), facts.exprs.len()));
        files += 1;
        bytes += text.len() as u64;
        if facts.syntax_error.is_some() {
            errors += 1;
            if std::env::var("SHOW").is_ok() {
                println!("error {} {:?}", p.display(), facts.syntax_error)
            }
        }
        if problems.iter().any(|p| p.kind == crate::source::ProblemKind::TooDeep) {
            deep += 1;
            println!("deep {} {problems:?}", p.display())
        }
        for (i, _) in facts.exprs.iter().enumerate() {
            facts.for_each_child(crate::facts::ExprId(i as u32), |c| assert!(c.index() < i))
        }
    }
    slow.sort_by(|a, b| b.0.total_cmp(&a.0));
    println!("{:#?}", &slow[..5.min(slow.len())]);
    println!(
        "{files} files, {errors} errors, {deep} deep, {bytes} bytes, parse+copy {parse:.2}s, lower {total:.2}s = {:.0} files/s {:.2} MB/s",
        files as f64 / total,
        bytes as f64 / total / 1e6
    );
}
