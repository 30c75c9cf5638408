//! Each row is a project with deployment files, and the evidence that they must give.

use camino::Utf8Path;
use rustc_hash::FxHashSet;

use super::{ServiceFacts, read};
use crate::source::{ManifestFile, ProblemKind, ProjectOptions, read_project};

/// A project on disk with its services: folders, and the files that start them.
struct Sample {
    files: Vec<(&'static str, &'static str)>,
    services: Vec<(&'static str, &'static str)>,
}

/// One package called `chat` that `index.js` starts, with a worker beside it.
fn chat() -> Sample {
    Sample {
        files: vec![
            (
                "package.json",
                "{ \"name\": \"chat\", \"scripts\": { \"start\": \"node index.js\", \"work\": \"node worker.js\" } }",
            ),
            ("index.js", ""),
            ("worker.js", ""),
        ],
        services: vec![("", "index.js")],
    }
}

/// A workspace: `apps/chat` has an endpoint, `apps/mailer` has none.
fn workspace() -> Sample {
    Sample {
        files: vec![
            ("package.json", "{ \"name\": \"acme\", \"workspaces\": [\"apps/*\"] }"),
            (
                "apps/chat/package.json",
                "{ \"name\": \"@acme/chat\", \"scripts\": { \"start\": \"node index.js\" } }",
            ),
            ("apps/chat/index.js", ""),
            (
                "apps/invoices/package.json",
                "{ \"name\": \"@acme/invoices\", \"scripts\": { \"start\": \"node index.js\" } }",
            ),
            ("apps/invoices/index.js", ""),
        ],
        services: vec![("apps/chat", "apps/chat/index.js")],
    }
}

impl Sample {
    /// `KIND VALUE at LINE:COLUMN-LINE:COLUMN`, with what it proves: `several`, `one`, or nothing of a service.
    fn evidence(&self, manifests: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        for (path, text) in &self.files {
            std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            std::fs::write(root.join(path), text).unwrap();
        }
        let (project, _) = read_project(root, &ProjectOptions::default()).unwrap();
        let services = self.services.iter().map(|(folder, start)| ServiceFacts {
            folder: (*folder).into(),
            starts: FxHashSet::from_iter([(*start).into()]),
        });
        let mut files: Vec<ManifestFile> = manifests
            .iter()
            .map(|(path, text)| ManifestFile { path: (*path).into(), text: (*text).to_owned() })
            .collect();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        let (evidence, problems) = read(&project, &services.collect::<Vec<_>>(), &files);
        assert_eq!(problems, []);
        let row = |each: &super::DeploymentEvidence| {
            let at = &each.location;
            let place = format!("{}:{}-{}:{}", at.line, at.column, at.end_line, at.end_column);
            let whose = match (each.several, each.services.is_empty()) {
                (_, true) => "elsewhere",
                (true, false) => "several",
                (false, false) => "one",
            };
            format!("{} {} {whose} {place}", each.kind, each.value)
        };
        evidence.iter().map(row).collect()
    }
}

#[test]
fn kubernetes_workloads_and_autoscalers() {
    let text = "kind: Deployment\nmetadata: { name: chat }\nspec:\n  replicas: 3\n---\nkind: HorizontalPodAutoscaler\nspec:\n  scaleTargetRef: { name: chat }\n  minReplicas: 1\n  maxReplicas: 10\n";
    let found = chat().evidence(&[("k8s/all.yaml", text)]);
    assert_eq!(found, ["k8s-replicas 3 several 4:3-4:14", "k8s-autoscaler 10 several 10:3-10:18"]);
    let one = "kind: StatefulSet\nmetadata: { name: chat }\nspec:\n  replicas: 1\n";
    assert_eq!(chat().evidence(&[("k8s/one.yml", one)]), ["k8s-replicas 1 one 4:3-4:14"]);
    let list = "kind: List\nitems:\n- kind: Deployment\n  metadata: {name: chat}\n  spec: {replicas: 2}\n";
    assert_eq!(chat().evidence(&[("list.yml", list)]), ["k8s-replicas 2 several 5:10-5:21"]);
}

#[test]
fn replicas_of_others_are_no_evidence() {
    let both = "kind: Deployment\nmetadata: { name: chat }\nspec: { replicas: 1 }\n---\nkind: Deployment\nmetadata: { name: image-magic }\nspec: { replicas: 3 }\n";
    let found = chat().evidence(&[("k8s/all.yaml", both)]);
    assert_eq!(found, ["k8s-replicas 1 one 3:9-3:20", "k8s-replicas 3 elsewhere 7:9-7:20"]);
    let redis = "kind: StatefulSet\nmetadata: { name: store }\nspec:\n  replicas: 3\n  template: { spec: { containers: [{ image: 'redis:7' }] } }\n";
    assert_eq!(chat().evidence(&[("redis.yaml", redis)]), ["k8s-replicas 3 elsewhere 4:3-4:14"]);
    let worker = "kind: Deployment\nmetadata: { name: chat }\nspec:\n  replicas: 3\n  template: { spec: { containers: [{ image: acme/chat, command: [node, worker.js] }] } }\n";
    assert_eq!(chat().evidence(&[("worker.yaml", worker)]), ["k8s-replicas 3 elsewhere 4:3-4:14"]);
    let other = "kind: HorizontalPodAutoscaler\nspec: { scaleTargetRef: { name: invoices }, maxReplicas: 5 }\n";
    assert_eq!(workspace().evidence(&[("hpa.yaml", other)]), ["k8s-autoscaler 5 elsewhere 2:45-2:59"]);
    let commented = "kind: Deployment\nmetadata: { name: chat }\nspec:\n  # replicas: 3\n  template: {}\n# ---\n# kind: HorizontalPodAutoscaler\n";
    assert!(chat().evidence(&[("commented.yaml", commented)]).is_empty());
    assert!(chat().evidence(&[("cr.yaml", "kind: RedisCluster\nspec:\n  replicas: 3\n")]).is_empty());
    assert!(chat().evidence(&[("openapi.yaml", "info: { title: 'kind:' }\n")]).is_empty());
}

#[test]
fn the_only_workload_of_the_only_package_is_it() {
    let with = |container: &str| {
        format!(
            "kind: Deployment\nmetadata: {{ name: p2p }}\nspec:\n  replicas: 2\n  template: {{ spec: {{ containers: [{{ image: acme/p2p, name: {container} }}] }} }}\n"
        )
    };
    assert_eq!(chat().evidence(&[("d.yaml", &with("chat"))]), ["k8s-replicas 2 several 4:3-4:14"]);
    assert_eq!(chat().evidence(&[("d.yaml", &with("proc"))]), ["k8s-replicas 2 elsewhere 4:3-4:14"]);
    let built = [("Dockerfile", "FROM node\nCOPY . .\n"), ("d.yaml", &with("proc"))];
    assert_eq!(chat().evidence(&built), ["k8s-replicas 2 several 4:3-4:14"]);
    let text = "kind: Deployment\nmetadata: { name: lounge }\nspec: { replicas: 2 }\n";
    assert_eq!(chat().evidence(&[("d.yaml", text)]), ["k8s-replicas 2 several 3:9-3:20"]);
    assert_eq!(workspace().evidence(&[("d.yaml", text)]), ["k8s-replicas 2 elsewhere 3:9-3:20"]);
}

#[test]
fn keda_and_knative() {
    let keda = "kind: ScaledObject\nspec: { scaleTargetRef: { name: chat } }\n";
    assert_eq!(chat().evidence(&[("keda.yaml", keda)]), ["keda-autoscaler 100 several 1:1-1:1"]);
    let one = "kind: ScaledObject\nspec: { scaleTargetRef: { name: chat }, maxReplicaCount: 1 }\n";
    assert_eq!(chat().evidence(&[("keda.yaml", one)]), ["keda-autoscaler 1 one 2:41-2:59"]);
    let run = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: { name: chat }\nspec:\n  template:\n    metadata:\n      annotations:\n        autoscaling.knative.dev/maxScale: '5'\n";
    assert_eq!(chat().evidence(&[("run.yaml", run)]), ["knative-scale 5 several 8:9-8:46"]);
    let plain = run.replace("serving.knative.dev/v1", "v1");
    assert!(chat().evidence(&[("service.yaml", plain.as_str())]).is_empty());
}

#[test]
fn kustomize_overlays() {
    let base = "kind: Deployment\nmetadata: { name: web-front }\nspec:\n  template: { spec: { containers: [{ image: acme/chat }] } }\n";
    let replicas = "replicas:\n- name: web-front\n  count: 4\n- name: mailer\n  count: 9\n";
    let found = workspace().evidence(&[("base/d.yaml", base), ("prod/kustomization.yaml", replicas)]);
    assert_eq!(found, ["k8s-replicas 4 several 3:3-3:11", "k8s-replicas 9 elsewhere 5:3-5:11"]);
    let patch = "kind: Deployment\nmetadata: { name: web-front }\nspec: { replicas: 5 }\n";
    let found = workspace().evidence(&[("base/d.yaml", base), ("prod/patch.yaml", patch)]);
    assert_eq!(found, ["k8s-replicas 5 several 3:9-3:20"]);
    let inline = "patches:\n- target: { kind: Deployment, name: web-front }\n  patch: |-\n    - op: replace\n      path: /spec/replicas\n      value: 6\n";
    let found = workspace().evidence(&[("base/d.yaml", base), ("prod/kustomization.yaml", inline)]);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("k8s-replicas 6 several 3:3-"), "{found:?}");
}

#[test]
fn helm_values_and_templates() {
    let chart = ("chart/Chart.yaml", "name: chat\nversion: 1.0.0\n");
    let values = "replicaCount: 1\nautoscaling:\n  enabled: false\n  maxReplicas: 10\nredis:\n  replicaCount: 3\n";
    let found = chat().evidence(&[chart, ("chart/values.yaml", values)]);
    assert_eq!(found, ["helm-replicas 1 one 1:1-1:16", "helm-replicas 3 elsewhere 6:3-6:18"]);
    let enabled = values.replace("enabled: false", "enabled: true");
    let found = chat().evidence(&[chart, ("chart/values.yaml", enabled.as_str())]);
    assert_eq!(found[1], "helm-autoscaling 10 several 4:3-4:18");
    // What turns scaling on may stand in other values than the number.
    let production = "autoscaling:\n  enabled: true\n";
    let found = chat().evidence(&[chart, ("chart/values.yaml", values), ("chart/values-prod.yaml", production)]);
    assert_eq!(found[0], "helm-autoscaling 10 several 2:3-2:16", "{found:?}");
    assert_eq!(found.len(), 3, "{found:?}");
    let other = "image: { tag: next }\nredis: { image: redis }\n";
    let found = chat().evidence(&[chart, ("chart/values.yaml", values), ("chart/values-prod.yaml", other)]);
    assert_eq!(found.len(), 2, "numbers of the base stand there alone: {found:?}");
    // Values without a chart are somebody's data.
    assert!(chat().evidence(&[("data/values.yaml", values)]).is_empty());
    let template = "kind: Deployment\nmetadata:\n  name: {{ include \"chat.name\" . }}\nspec:\n  replicas: {{ .Values.replicaCount }}\n";
    assert!(chat().evidence(&[chart, ("chart/templates/d.yaml", template)]).is_empty());
    let literal = template.replace("{{ .Values.replicaCount }}", "3");
    let found = chat().evidence(&[chart, ("chart/templates/d.yaml", literal.as_str())]);
    assert_eq!(found, ["k8s-replicas 3 several 5:3-5:14"]);
    for name in ["{{ include \"chat.redis.fullname\" . }}", "{{ .Release.Name }}-redis"] {
        let redis = literal.replace("{{ include \"chat.name\" . }}", name);
        let found = chat().evidence(&[chart, ("chart/templates/redis.yaml", redis.as_str())]);
        assert_eq!(found, ["k8s-replicas 3 elsewhere 5:3-5:14"], "{name}");
    }
    let hpa = "{{- if .Values.autoscaling.enabled }}\nkind: HorizontalPodAutoscaler\nspec:\n  scaleTargetRef: { name: chat }\n  maxReplicas: 7\n{{- end }}\n";
    let found = chat().evidence(&[chart, ("chart/values.yaml", values), ("chart/templates/hpa.yaml", hpa)]);
    assert_eq!(found.len(), 2, "{found:?}");
    let found =
        chat().evidence(&[chart, ("chart/values.yaml", enabled.as_str()), ("chart/templates/hpa.yaml", hpa)]);
    assert_eq!(found[0], "k8s-autoscaler 7 several 5:3-5:17");
}

#[test]
fn compose_services() {
    let text = "services:\n  web:\n    build: .\n    deploy:\n      replicas: 2\n  cron:\n    image: acme/cron\n    scale: 4\n";
    let found = chat().evidence(&[("docker-compose.prod.yml", text)]);
    assert_eq!(found, ["compose-replicas 2 several 5:7-5:18", "compose-scale 4 elsewhere 8:5-8:13"]);
    let merged = "x-app: &app\n  deploy: { mode: global }\nservices:\n  chat:\n    <<: *app\n";
    assert_eq!(chat().evidence(&[("compose.yaml", merged)]), ["compose-replicas global several 2:13-2:25"]);
    let replicated = "services: { chat: { deploy: { mode: replicated } } }\n";
    assert!(chat().evidence(&[("compose.yaml", replicated)]).is_empty());
    let stack = "version: '3'\nservices:\n  chat:\n    image: acme/chat\n    deploy: { replicas: 2 }\n";
    assert_eq!(chat().evidence(&[("swarm/chat_v2.yaml", stack)]), ["compose-replicas 2 several 5:15-5:26"]);
    let neighbours =
        "services:\n  gateway: { image: acme/gateway, scale: 2 }\n  sockets: { image: acme/sockets, scale: 2 }\n";
    let found = chat().evidence(&[("compose.yml", neighbours)]);
    assert!(found.iter().all(|row| row.contains("elsewhere")), "either may be it: {found:?}");
    let alone = "services:\n  gateway: { image: acme/gateway, scale: 2 }\n  redis: { image: redis }\n";
    assert_eq!(chat().evidence(&[("compose.yml", alone)]), ["compose-scale 2 several 2:35-2:43"]);
    let base = "services: { front: { build: ./apps/chat }, back: { build: ./apps/invoices } }\n";
    let scaled = "services:\n  front: { scale: 3 }\n  back: { scale: 4 }\n";
    let found = workspace().evidence(&[("compose.yml", base), ("compose.prod.yml", scaled)]);
    assert_eq!(found, ["compose-scale 3 several 2:12-2:20", "compose-scale 4 elsewhere 3:11-3:19"]);
}

#[test]
fn several_compose_services_of_one_image() {
    let text = "services:\n  chat1: { build: . }\n  chat2: { build: . }\n  redis: { image: redis }\n";
    assert_eq!(chat().evidence(&[("compose.yml", text)]), ["compose-services chat1, chat2 several 2:3-2:3"]);
    let commands =
        "services:\n  chat: { build: ., command: node index.js }\n  work: { build: ., command: node worker.js }\n";
    assert!(chat().evidence(&[("compose.yml", commands)]).is_empty());
    let tenants = "services:\n  a: { image: chat, environment: [PORT=1, DB=mongodb://db/a] }\n  b: { image: chat, environment: [PORT=2, DB=mongodb://db/b] }\n";
    assert!(chat().evidence(&[("compose.yml", tenants)]).is_empty(), "instances of one service share their data");
    let shared = tenants.replace("db/b", "db/a");
    assert_eq!(chat().evidence(&[("compose.yml", shared.as_str())]).len(), 1);
    let stores = "services:\n  one: { image: redis }\n  two: { image: redis }\n";
    assert_eq!(chat().evidence(&[("compose.yml", stores)]), ["compose-services one, two elsewhere 2:3-2:3"]);
}

#[test]
fn dockerfiles_tell_what_a_context_builds() {
    let compose = "services:\n  a: { build: { context: ., dockerfile: docker/chat.Dockerfile }, scale: 2 }\n  b: { build: { context: ., dockerfile: docker/mail.Dockerfile }, scale: 3 }\n";
    let manifests = [
        ("compose.yml", compose),
        ("docker/chat.Dockerfile", "FROM node\nWORKDIR /app\nCMD [\"node\", \"apps/chat/index.js\"]\n"),
        ("docker/mail.Dockerfile", "FROM node\nCMD node apps/invoices/index.js\n"),
    ];
    let found = workspace().evidence(&manifests);
    assert_eq!(found, ["compose-scale 2 several 2:67-2:75", "compose-scale 3 elsewhere 3:67-3:75"]);
    let filtered = [(
        "compose.yml",
        "services:\n  a: { build: ., command: pnpm --filter @acme/chat start, scale: 2 }\n  b: { build: ., command: yarn workspace @acme/invoices start, scale: 2 }\n",
    )];
    let found = workspace().evidence(&filtered);
    assert_eq!(found, ["compose-scale 2 several 2:59-2:67", "compose-scale 2 elsewhere 3:64-3:72"]);
}

#[test]
fn pm2_process_files() {
    let text = "{\n\t\"apps\": [\n\t\t{ \"script\": \"index.js\", \"instances\": \"max\", \"exec_mode\": \"cluster\" },\n\t\t{ \"script\": \"worker.js\", \"instances\": 4 }\n\t]\n}\n";
    assert_eq!(
        chat().evidence(&[("ecosystem.config.json", text)]),
        [
            "pm2-instances max several 3:27-3:45",
            "pm2-exec-mode cluster several 3:47-3:69",
            "pm2-instances 4 elsewhere 4:28-4:42"
        ]
    );
    assert!(chat().evidence(&[("process.yml", "jobs:\n  instances: 4\n")]).is_empty());
    let one = "apps:\n- script: ./index.js\n  instances: 1\n  exec_mode: fork\n";
    assert_eq!(chat().evidence(&[("pm2.yml", one)]), ["pm2-instances 1 one 3:3-3:15"]);
}

#[test]
fn pm2_process_files_in_javascript() {
    let text = "const instances = -1;\nconst shared = { exec_mode: 'cluster' };\nmodule.exports = {\n  apps: [\n    { name: 'chat', script: './index.js', instances, ...shared },\n    { name: 'w', script: 'worker.js', instances: require('os').cpus().length },\n  ],\n};\n";
    let found = chat().evidence(&[("ecosystem.config.js", text)]);
    let words: Vec<&str> = found.iter().map(|row| row.rsplit_once(' ').unwrap().0).collect();
    assert_eq!(
        words,
        [
            "pm2-instances -1 several",
            "pm2-exec-mode cluster several",
            "pm2-instances require('os').cpus().length elsewhere"
        ]
    );
    assert!(found[1].ends_with(" 2:18-2:38"), "{found:?}");
    let esm = "export default { apps: [{ script: 'index.js', instances: 2 }] };\n";
    assert_eq!(chat().evidence(&[("ecosystem.config.mjs", esm)]), ["pm2-instances 2 several 1:47-1:59"]);
    assert!(chat().evidence(&[("ecosystem.config.js", "module.exports = { instances: 3 };\n")]).is_empty());
}

#[test]
fn commands_in_scripts_and_dockerfiles() {
    let manifest = "{\n  \"name\": \"chat\",\n  \"scripts\": {\n    \"start\": \"pm2 start index.js -i max\",\n    \"work\": \"pm2 start worker.js -i 3\"\n  },\n  \"description\": \"pm2 start index.js -i 9\"\n}\n";
    let found = chat().evidence(&[("package.json", manifest)]);
    assert_eq!(found, ["pm2-instances max several 4:5-4:41", "pm2-instances 3 elsewhere 5:5-5:39"]);
    let docker = "FROM node\n# CMD pm2-runtime index.js -i 8\nCMD [\"pm2-runtime\", \"index.js\", \"-i\", \"2\"]\n";
    assert_eq!(chat().evidence(&[("Dockerfile", docker)]), ["pm2-instances 2 several 3:1-3:43"]);
    let shell = "#!/bin/sh\ndocker compose up -d --scale chat=3 --scale redis=2\n";
    let compose = "services: { chat: { build: . }, redis: { image: redis } }\n";
    let found = chat().evidence(&[("up.sh", shell), ("compose.yml", compose)]);
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn platforms() {
    let fly = "app = 'acme-prod'\n\n[http_service]\n  min_machines_running = 2\n";
    assert_eq!(chat().evidence(&[("fly.toml", fly)]), ["fly-machines 2 several 4:3-4:27"]);
    assert_eq!(workspace().evidence(&[("apps/invoices/fly.toml", fly)]), ["fly-machines 2 elsewhere 4:3-4:27"]);
    let render = "services:\n- type: web\n  name: front\n  rootDir: apps/chat\n  numInstances: 3\n- type: worker\n  name: back\n  rootDir: apps/invoices\n  scaling: { maxInstances: 5 }\n";
    let found = workspace().evidence(&[("render.yaml", render)]);
    assert_eq!(found, ["render-instances 3 several 5:3-5:18", "render-instances 5 elsewhere 9:14-9:29"]);
    let formation = "{ \"formation\": { \"web\": { \"quantity\": 2 }, \"batch\": { \"quantity\": 3 } } }\n";
    let procfile = "web: node index.js\nbatch: node worker.js\n";
    let found = chat().evidence(&[("app.json", formation), ("Procfile", procfile)]);
    assert_eq!(found, ["heroku-formation 2 several 1:27-1:40", "heroku-formation 3 elsewhere 1:55-1:68"]);
    assert!(chat().evidence(&[("app.json", "{ \"expo\": { \"quantity\": 3 } }\n")]).is_empty());
    let engine = "runtime: nodejs20\nautomatic_scaling:\n  max_instances: 4\n";
    assert_eq!(chat().evidence(&[("app.yaml", engine)]), ["app-engine-scaling 4 several 3:3-3:19"]);
    let azure = "name: chat\nproperties:\n  template:\n    containers: [{ image: acme/chat }]\n    scale: { minReplicas: 1, maxReplicas: 3 }\n";
    let found = chat().evidence(&[("containerapp.yaml", azure)]);
    assert_eq!(found, ["container-apps-scale 1 one 5:14-5:28", "container-apps-scale 3 several 5:30-5:44"]);
}

#[test]
fn ecs_and_cloudformation() {
    let service = "{ \"serviceName\": \"front\", \"taskDefinition\": \"front:7\", \"desiredCount\": 2 }\n";
    let task = "{ \"family\": \"front\", \"containerDefinitions\": [{ \"name\": \"x\", \"image\": \"1.dkr.ecr.aws/acme/chat:1\" }] }\n";
    let found = workspace().evidence(&[("ecs/service-def.json", service), ("ecs/task-def.json", task)]);
    assert_eq!(found, ["ecs-desired-count 2 several 1:56-1:73"]);
    let cloud = "Resources:\n  Chat:\n    Type: AWS::ECS::Service\n    Properties:\n      DesiredCount: 3\n      TaskDefinition: !Ref Task\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions: [{ Name: c, Image: acme/invoices }]\n";
    assert_eq!(workspace().evidence(&[("stack/cloud.yaml", cloud)]), ["ecs-desired-count 3 elsewhere 5:7-5:22"]);
}

#[test]
fn terraform() {
    let text = "resource \"aws_ecs_service\" \"front\" {\n  name            = \"front\"\n  task_definition = aws_ecs_task_definition.front.arn\n  desired_count   = var.count_of_front\n}\n\nresource \"aws_ecs_task_definition\" \"front\" {\n  family = \"front\"\n  container_definitions = jsonencode([{ name = \"x\", image = \"acme/chat:1\" }])\n}\n\nresource \"aws_ecs_service\" \"invoices\" {\n  desired_count = 4\n}\n";
    let variables = "variable \"count_of_front\" {\n  default = 2\n}\n";
    let found = workspace().evidence(&[("infra/main.tf", text), ("infra/variables.tf", variables)]);
    assert_eq!(found, ["ecs-desired-count 2 several 4:3-4:39", "ecs-desired-count 4 elsewhere 13:3-13:20"]);
    let run = "resource \"google_cloud_run_v2_service\" \"chat\" {\n  template {\n    scaling {\n      max_instance_count = 10\n    }\n  }\n}\n";
    assert_eq!(chat().evidence(&[("run.tf", run)]), ["knative-scale 10 several 4:7-4:30"]);
    let cache = "resource \"aws_elasticache_cluster\" \"chat\" {\n  num_cache_nodes = 3\n  count = 2\n}\n";
    assert!(chat().evidence(&[("cache.tf", cache)]).is_empty());
}

#[test]
fn load_balancers() {
    let compose = "services:\n  chat-a: { build: ., command: node index.js 1 }\n  chat-b: { build: ., command: node index.js 2 }\n  docs: { image: acme/docs }\n";
    let nginx = "http {\n  upstream sockets {\n    ip_hash;\n    server chat-a:3000;\n    server chat-b:3000;\n    # server chat-c:3000;\n  }\n  upstream docs { server docs:80; }\n  server { listen 80; location / { proxy_pass http://sockets; } }\n}\n";
    let found = chat().evidence(&[("compose.yml", compose), ("nginx.conf", nginx)]);
    assert_eq!(found, ["nginx-upstream 2 servers several 2:3-5:23"]);
    let mixed = nginx.replace("chat-b", "docs");
    let found = chat().evidence(&[("compose.yml", compose), ("nginx.conf", mixed.as_str())]);
    assert_eq!(found, ["nginx-upstream 2 servers elsewhere 2:3-5:21"]);
    let backup = nginx.replace("server chat-b:3000", "server chat-b:3000 backup");
    assert!(chat().evidence(&[("compose.yml", compose), ("nginx.conf", backup.as_str())]).is_empty());
    let haproxy = "backend chat\n  balance leastconn\n  server one 10.0.0.1:3000 check\n  server two 10.0.0.2:3000 check\nbackend mail\n  server a 10.0.0.3:25\n";
    assert_eq!(chat().evidence(&[("haproxy.cfg", haproxy)]), ["haproxy-backend 2 servers several 1:1-4:33"]);
}

#[test]
fn columns_count_utf16_units() {
    let text = "services: { 'chat🎈': { scale: 2 } }\n";
    assert_eq!(chat().evidence(&[("compose.yml", text)]), ["compose-scale 2 several 1:25-1:33"]);
}

#[test]
fn broken_and_hostile_files_are_problems_not_panics() {
    let project = crate::source::Project::default();
    let read_one = |path: &str, text: String| read(&project, &[], &[ManifestFile { path: path.into(), text }]);
    let broken = [
        ("compose.yml", "services:\n  web: [\n", 3),
        ("fly.toml", "app = 'x'\n[http_service\n", 2),
        ("main.tf", "# resource\nresource \"a\" {\n", 3),
        ("app.json", "{ \"formation\": {\n  \"web\" 3 ]\n", 2),
        ("ecosystem.config.js", "module.exports = {\n  apps: [{{{\n", 1),
    ];
    for (path, text, line) in broken {
        let (evidence, problems) = read_one(path, text.to_owned());
        assert!(evidence.is_empty(), "{path}");
        assert_eq!(problems.len(), 1, "{path}: {problems:?}");
        assert_eq!(problems[0].kind, ProblemKind::BrokenManifest);
        assert!(
            problems[0].line.is_some_and(|found| found >= line.min(2) && found <= line + 1),
            "{path}: {problems:?}"
        );
    }
    for path in ["compose.yml", "fly.toml", "main.tf", "ecosystem.config.js", "nginx.conf", "Procfile"] {
        for text in
            ["[".repeat(50_000), "x = [".repeat(50_000), "a = { b".repeat(50_000), "upstream x {\n".repeat(20_000)]
        {
            let (evidence, _) = read_one(path, format!("# resource upstream server\n{text}"));
            assert!(evidence.is_empty());
        }
    }
    let mut bomb = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..60 {
        bomb += &format!("a{level}: &a{level} [*a{0}, *a{0}, *a{0}]\n", level - 1);
    }
    bomb += "m0: &m0 { x: 1 }\n";
    for level in 1..30 {
        bomb += &format!("m{level}: &m{level} {{ <<: [*m{0}, *m{0}, *m{0}, *m{0}] }}\n", level - 1);
    }
    bomb += "services: { web: { scale: 4, <<: *m29, build: *a59 } }\n";
    assert_eq!(read_one("compose.yml", bomb).0.len(), 1);
    let many: String = (0..20_000).map(|index| format!("  s{index}: {{ scale: 2 }}\n")).collect();
    assert!(read_one("compose.yml", format!("services:\n{many}")).0.len() <= 2_000);
}
