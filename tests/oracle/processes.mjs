// Child processes: each leads a process group of its own, and every group is killed at the end, whatever happens.
import net from 'node:net';
import { spawn } from 'node:child_process';

const groups = new Set();

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Starts a program in its own group; what it prints is kept (the last 4,000 characters) for the report of a failure. */
export function start(program, args, { env = {}, cwd } = {}) {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  child.output = '';
  const keep = (chunk) => (child.output = (child.output + chunk).slice(-4000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.ended = new Promise((done) => {
    child.on('error', (error) => done({ error }));
    child.on('exit', (code) => done({ code }));
  });
  child.ended.then(() => (child.over = true));
  if (child.pid) groups.add(child.pid);
  return child;
}

/** Kills the whole group of a child, at once. */
export async function kill(child) {
  if (!child?.pid) return;
  killGroup(child.pid);
  await child.ended;
}

function killGroup(pid) {
  groups.delete(pid);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

export function killEverything() {
  for (const pid of [...groups]) killGroup(pid);
}

process.on('exit', killEverything);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

/** Runs a program to its end and returns whether it succeeded, with what it printed. */
export async function run(program, args, options = {}) {
  const child = start(program, args, options);
  const timer = setTimeout(() => killGroup(child.pid), options.limit ?? 120_000);
  const { code, error } = await child.ended;
  clearTimeout(timer);
  groups.delete(child.pid);
  return { ok: code === 0, output: error ? String(error) : child.output };
}

/** A loopback port that the operating system says is free. */
export function freePort() {
  return new Promise((done, fail) => {
    const probe = net.createServer().on('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

/** Waits until something accepts connections on the port, or says why it will not. */
export async function listening(port, child, limit = 15_000) {
  const end = Date.now() + limit;
  while (Date.now() < end) {
    if (child.over) throw new Error(`ended before it listened: ${child.output.trim().slice(-600)}`);
    if (await accepts(port)) return;
    await sleep(50);
  }
  throw new Error(`did not listen within ${limit} ms: ${child.output.trim().slice(-600)}`);
}

function accepts(port) {
  return new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      done(true);
    });
    socket.on('error', () => done(false));
  });
}
