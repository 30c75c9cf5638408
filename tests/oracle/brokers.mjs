// Real brokers with private data folders on loopback ports. Each returns the environment that leads a server to it,
// or null where the program is not installed.
import fs from 'node:fs';
import path from 'node:path';
import { freePort, kill, listening, run, sleep, start } from './processes.mjs';

const find = (names) => names.find((name) => fs.existsSync(name)) ?? onPath(names);

function onPath(names) {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  for (const name of names.map((each) => path.basename(each))) {
    const folder = folders.find((each) => fs.existsSync(path.join(each, name)));
    if (folder) return path.join(folder, name);
  }
  return null;
}

async function redis(folder) {
  const program = find(['/usr/bin/redis-server', '/usr/bin/valkey-server']);
  if (!program) return null;
  const port = await freePort();
  const child = start(program, ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]);
  await listening(port, child);
  return { env: { REDIS_URL: `redis://127.0.0.1:${port}` }, stop: () => kill(child) };
}

async function nats(folder) {
  const program = find(['/usr/sbin/nats-server', '/usr/bin/nats-server']);
  if (!program) return null;
  const port = await freePort();
  const child = start(program, ['-a', '127.0.0.1', '-p', port, '-js', '-sd', folder]);
  await listening(port, child);
  return { env: { NATS_URL: `nats://127.0.0.1:${port}` }, stop: () => kill(child) };
}

/** PostgreSQL refuses to run as root: there it runs as the user that its package created. */
async function postgres(folder) {
  const base = '/usr/lib/postgresql';
  const versions = fs.existsSync(base) ? fs.readdirSync(base).sort((a, b) => b - a) : [];
  const bin = versions.length ? path.join(base, versions[0], 'bin') : path.dirname(onPath(['initdb']) ?? '');
  if (!fs.existsSync(path.join(bin, 'initdb'))) return null;
  const data = fs.mkdtempSync('/tmp/crosscast-postgres-');
  const root = process.getuid?.() === 0;
  const as = root ? ['runuser', '-u', 'postgres', '--'] : [];
  if (root) await run('chown', ['postgres', data]);
  const made = [...as, path.join(bin, 'initdb'), '-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'];
  const { ok, output } = await run(made[0], made.slice(1), { cwd: '/' });
  if (!ok) throw new Error(`initdb: ${output}`);
  const port = await freePort();
  const line = [...as, path.join(bin, 'postgres'), '-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', data, '-F'];
  const child = start(line[0], line.slice(1), { cwd: '/' });
  await listening(port, child);
  const remove = () => fs.rmSync(data, { recursive: true, force: true });
  return { env: { DATABASE_URL: `postgres://postgres@127.0.0.1:${port}/postgres` }, stop: () => kill(child).then(remove) };
}

async function rabbitmq(folder) {
  const program = find(['/usr/lib/rabbitmq/bin/rabbitmq-server', '/usr/sbin/rabbitmq-server']);
  if (!program) return null;
  const [port, dist, mapper] = await Promise.all([freePort(), freePort(), freePort()]);
  const env = {
    HOME: folder,
    RABBITMQ_NODENAME: `crosscast${process.pid}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(dist),
    RABBITMQ_MNESIA_BASE: path.join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: path.join(folder, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: path.join(folder, 'plugins'),
    RABBITMQ_CONFIG_FILE: path.join(folder, 'rabbitmq'),
    RABBITMQ_PID_FILE: path.join(folder, 'pid'),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(mapper),
  };
  fs.writeFileSync(path.join(folder, 'plugins'), '[].\n');
  const child = start(program, [], { env, cwd: folder });
  // The port mapper makes itself a daemon in a session of its own; it is asked to end by name of its own port.
  const end = async () => {
    await kill(child);
    // It refuses while it still believes that the node lives.
    for (let attempt = 0; attempt < 20; attempt += 1) {
      if ((await run('epmd', ['-port', String(mapper), '-kill'], { limit: 5_000 })).ok) return;
      await sleep(100);
    }
  };
  try {
    await listening(port, child, 60_000);
  } catch (error) {
    await end();
    throw error;
  }
  return { env: { AMQP_URL: `amqp://guest:guest@127.0.0.1:${port}` }, stop: end };
}

async function mosquitto(folder) {
  const program = find(['/usr/sbin/mosquitto']);
  if (!program) return null;
  const port = await freePort();
  const settings = path.join(folder, 'mosquitto.conf');
  fs.writeFileSync(settings, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n`);
  const child = start(program, ['-c', settings]);
  await listening(port, child);
  return { env: { MQTT_URL: `mqtt://127.0.0.1:${port}` }, stop: () => kill(child) };
}

const KINDS = { redis, nats, postgres, rabbitmq, mosquitto };
// Slow to start, and their names do not collide between the cases: one for all.
const COMMON = new Set(['postgres', 'rabbitmq']);
const common = new Map();

/** Starts one broker for a case, in a folder of its own. */
export async function broker(kind, folder) {
  fs.mkdirSync(folder, { recursive: true });
  if (!COMMON.has(kind)) return KINDS[kind](folder);
  if (!common.has(kind)) common.set(kind, KINDS[kind](folder));
  const shared = await common.get(kind);
  return shared && { env: shared.env, stop: async () => {} };
}

export async function stopCommon() {
  for (const started of common.values()) await started.then((each) => each?.stop()).catch(() => {});
}
