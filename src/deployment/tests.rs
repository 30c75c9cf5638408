//! Each row is a small deployment file and the evidence it must give.

use super::read;
use crate::source::ManifestFile;

/// `kind=value multi line:column-endLine:endColumn` of each piece of evidence.
fn evidence(path: &str, text: &str) -> Vec<String> {
    let file = ManifestFile { path: path.into(), text: text.to_owned() };
    let (evidence, problems) = read(&[file]);
    assert_eq!(problems, [], "{path}");
    let row = |each: &super::DeploymentEvidence| {
        let at = &each.location;
        let count = if each.multi_instance { "several" } else { "one" };
        let (kind, value) = (each.kind.word(), &each.value);
        format!("{kind}={value} {count} {}:{}-{}:{}", at.line, at.column, at.end_line, at.end_column)
    };
    evidence.iter().map(row).collect()
}

#[test]
fn kubernetes_workloads_and_autoscalers() {
    let text = "kind: Deployment\nspec:\n  replicas: 3\n---\nkind: HorizontalPodAutoscaler\nspec:\n  minReplicas: 1\n  maxReplicas: 10\n";
    assert_eq!(
        evidence("k8s/all.yaml", text),
        ["k8s-replicas=3 several 3:3-3:14", "k8s-autoscaler=10 several 8:3-8:18"]
    );
    let one = "kind: StatefulSet\nspec:\n  replicas: 1\n";
    assert_eq!(evidence("k8s/one.yml", one), ["k8s-replicas=1 one 3:3-3:14"]);
    let list = "kind: List\nitems:\n- kind: Deployment\n  spec: {replicas: 2}\n";
    assert_eq!(evidence("list.yml", list), ["k8s-replicas=2 several 4:10-4:21"]);
}

#[test]
fn other_kinds_and_templates_are_no_evidence() {
    assert!(evidence("cr.yaml", "kind: RedisCluster\nspec:\n  replicas: 3\n").is_empty());
    let template = "kind: Deployment\nspec:\n  replicas: {{ .Values.replicas }}\n";
    assert!(evidence("templates/deployment.yaml", template).is_empty());
    assert!(evidence("openapi.yaml", "info: { title: kind }\n").is_empty());
}

#[test]
fn compose_services() {
    let text = "services:\n  web:\n    build: .\n    deploy:\n      replicas: 2\n  chat:\n    scale: 1\n";
    assert_eq!(
        evidence("docker-compose.prod.yml", text),
        ["compose-replicas=2 several 5:7-5:18", "compose-scale=1 one 7:5-7:13"]
    );
    let merged = "x-app: &app\n  deploy: { mode: global }\nservices:\n  web:\n    <<: *app\n";
    assert_eq!(evidence("compose.yaml", merged), ["compose-replicas=global several 2:13-2:25"]);
}

#[test]
fn pm2_process_files() {
    let text = "{\n\t\"apps\": [\n\t\t{ \"script\": \"a.js\", \"instances\": \"max\", \"exec_mode\": \"cluster\" },\n\t\t{ \"script\": \"b.js\", \"instances\": 1 }\n\t]\n}\n";
    assert_eq!(
        evidence("ecosystem.config.json", text),
        [
            "pm2-instances=max several 3:23-3:41",
            "pm2-exec-mode=cluster several 3:43-3:65",
            "pm2-instances=1 one 4:23-4:37"
        ]
    );
    assert!(evidence("process.yml", "jobs:\n  instances: 4\n").is_empty());
}

#[test]
fn columns_count_utf16_units() {
    let text = "services: { 'w🎈b': { scale: 2 } }\n";
    assert_eq!(evidence("compose.yml", text), ["compose-scale=2 several 1:23-1:31"]);
}

#[test]
fn broken_and_hostile_files_are_problems_not_panics() {
    let broken = ManifestFile { path: "compose.yml".into(), text: "services: [\n".to_owned() };
    let (evidence, problems) = read(&[broken]);
    assert!(evidence.is_empty());
    assert_eq!(problems.len(), 1);

    let deep = ManifestFile { path: "compose.yml".into(), text: "[".repeat(100_000) };
    assert_eq!(read(&[deep]).1.len(), 1);

    let mut bomb = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..60 {
        bomb += &format!("a{level}: &a{level} [*a{0}, *a{0}, *a{0}]\n", level - 1);
    }
    bomb += "services: { web: { scale: 4 } }\n";
    let bomb = ManifestFile { path: "compose.yml".into(), text: bomb };
    assert_eq!(read(&[bomb]).0.len(), 1);
}
