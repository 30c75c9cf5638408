// Real clients. Each has `send(event, text, to)`, `ask(event)` (its answer as text), `saw(text)` and `close()`.
import { createRequire } from 'node:module';
import path from 'node:path';
import { sleep } from './processes.mjs';

/** The packages of the clients: installed once, beside those of the cases. */
export const PACKAGES = {
  'socket.io-client': '4.8.1',
  'socket.io-client-2': 'npm:socket.io-client@2.5.0',
  ws: '8.18.3',
  'sockjs-client': '1.6.1',
  primus: '8.0.9',
  mqtt: '5.14.0',
  'engine.io-client': '6.6.3',
  faye: '1.4.1',
};

class Client {
  received = '';
  hear(what) {
    this.received += `${typeof what === 'string' ? what : JSON.stringify(what)}\n`;
  }
  saw(text) {
    return this.received.includes(text);
  }
}

async function socketIo(load, name, url, space) {
  const io = load(name);
  const client = new Client();
  const socket = io(url + (space ?? ''), { transports: ['websocket'], reconnection: false, forceNew: true });
  if (socket.onAny) socket.onAny((...all) => client.hear(all));
  else socket.on('message', (...all) => client.hear(all));
  client.send = (event, text, to) => socket.emit(event, text, to);
  client.ask = (event) => new Promise((done) => socket.emit(event, (answer) => done(JSON.stringify(answer))));
  client.close = () => socket.close();
  await new Promise((done, fail) => {
    socket.on('connect', done);
    socket.on('connect_error', fail);
  });
  return client;
}

async function ws(load, url, where) {
  const WebSocket = load('ws');
  const client = new Client();
  const socket = new WebSocket(url.replace('http', 'ws') + (where ?? ''));
  socket.on('message', (data) => client.hear(String(data)));
  const send = (message) => socket.readyState === 1 && socket.send(JSON.stringify(message));
  client.send = (type, text, to) => send({ type, text, to });
  client.ask = async (type) => {
    const before = client.received.length;
    send({ type });
    for (let waited = 0; waited < 2000 && client.received.length === before; waited += 25) await sleep(25);
    return client.received.slice(before);
  };
  client.close = () => socket.terminate();
  await new Promise((done, fail) => socket.on('open', done).on('error', fail));
  socket.on('error', () => {});
  return client;
}

/** Posts what it says to `/EVENT?text=…`, asks with `GET /EVENT`, and listens to the event stream at `/events`. */
async function http(url, stream) {
  const client = new Client();
  const stop = new AbortController();
  client.send = (event, text) => {
    fetch(`${url}/${event}?text=${text}`, { method: 'POST', signal: stop.signal }).then((r) => r.text(), () => {});
  };
  client.ask = async (event) => (await fetch(`${url}/${event}`, { signal: AbortSignal.timeout(3000) })).text();
  client.close = () => stop.abort();
  if (!stream) return client;
  const response = await fetch(`${url}/events`, { signal: stop.signal, headers: { accept: 'text/event-stream' } });
  (async () => {
    for await (const chunk of response.body) client.hear(Buffer.from(chunk).toString());
  })().catch(() => {});
  return client;
}

/** A client of SockJS: what it sends and hears is the same as with `ws`. */
async function sockjs(load, url, where) {
  const SockJS = load('sockjs-client');
  const client = new Client();
  const socket = new SockJS(url + where);
  socket.onmessage = ({ data }) => client.hear(data);
  client.send = (type, text, to) => socket.send(JSON.stringify({ type, text, to }));
  client.close = () => socket.close();
  await new Promise((done, fail) => {
    socket.onopen = done;
    socket.onclose = fail;
  });
  return client;
}

/** A client of Primus over plain WebSockets. */
async function primus(load, url) {
  const Socket = load('primus').createSocket({ transformer: 'websockets' });
  const client = new Client();
  const socket = new Socket(url, { strategy: false });
  socket.on('data', (data) => client.hear(data));
  client.send = (type, text, to) => socket.write({ type, text, to });
  client.close = () => socket.end();
  await new Promise((done, fail) => socket.on('open', done).on('error', fail));
  return client;
}

/** A client of MQTT: it publishes its text to the topic that the event names, and subscribes to `message`. */
async function mqtt(load, url) {
  const client = new Client();
  const socket = await load('mqtt').connectAsync(url.replace('http', 'mqtt'), { reconnectPeriod: 0 });
  socket.on('message', (topic, payload) => client.hear(String(payload)));
  await socket.subscribeAsync('message');
  client.send = (event, text) => socket.publish(event, text);
  client.close = () => socket.end(true);
  return client;
}

/** A client of Feathers over Socket.IO: the event names the service whose `create` it calls with the text. */
async function feathers(load, url) {
  const client = await socketIo(load, 'socket.io-client', url);
  const { send } = client;
  client.send = (service, text) => send('create', service, { text });
  return client;
}

/** Messages in the form of Nest's WebSocket adapter: `{ event, data }`. */
async function nest(load, url, where) {
  const WebSocket = load('ws');
  const client = new Client();
  const socket = new WebSocket(url.replace('http', 'ws') + (where ?? ''));
  socket.on('message', (data) => client.hear(String(data)));
  client.send = (event, text) => socket.send(JSON.stringify({ event, data: text }));
  client.close = () => socket.terminate();
  await new Promise((done, fail) => socket.on('open', done).on('error', fail));
  return client;
}

/** A client of Engine.IO: what it sends and hears is the same as with `ws`. */
async function engineIo(load, url) {
  const { Socket } = load('engine.io-client');
  const client = new Client();
  const socket = new Socket(url, { transports: ['websocket'] });
  socket.on('message', (data) => client.hear(String(data)));
  client.send = (type, text, to) => socket.send(JSON.stringify({ type, text, to }));
  client.close = () => socket.close();
  await new Promise((done, fail) => socket.on('open', done).on('error', fail));
  return client;
}

/** A client of Faye: it publishes to the channel that the event names, and subscribes to `/message`. */
async function faye(load, url, where) {
  const { Client: FayeClient } = load('faye');
  const client = new Client();
  const socket = new FayeClient(url + where);
  client.send = (event, text) => socket.publish(`/${event}`, { text });
  client.close = () => socket.disconnect();
  await socket.subscribe('/message', (message) => client.hear(message));
  return client;
}

/** A client of tRPC over WebSockets: it subscribes to `onSaid` and calls the mutation that the event names. */
async function trpc(load, url) {
  const WebSocket = load('ws');
  const client = new Client();
  const socket = new WebSocket(url.replace('http', 'ws'));
  let id = 0;
  const send = (method, params) => socket.send(JSON.stringify({ id: ++id, method, params }));
  socket.on('message', (data) => client.hear(String(data)));
  client.send = (path, text) => send('mutation', { path, input: { text } });
  client.close = () => socket.terminate();
  await new Promise((done, fail) => socket.on('open', done).on('error', fail));
  send('subscription', { path: 'onSaid' });
  return client;
}

/** Subscribes to `said` and calls the mutation that the event names, over the protocol graphql-transport-ws. */
async function graphql(load, url, where) {
  const WebSocket = load('ws');
  const client = new Client();
  const socket = new WebSocket(url.replace('http', 'ws') + where, 'graphql-transport-ws');
  const send = (message) => socket.send(JSON.stringify(message));
  let count = 0;
  client.send = (event, text) => {
    send({ id: `m${++count}`, type: 'subscribe', payload: { query: `mutation { ${event}(text: "${text}") }` } });
  };
  client.close = () => socket.terminate();
  await new Promise((done, fail) => {
    socket.on('error', fail);
    socket.on('open', () => send({ type: 'connection_init' }));
    socket.on('message', (data) => {
      const message = JSON.parse(data);
      if (message.type === 'ping') send({ type: 'pong' });
      if (message.type === 'next' && message.id === 's') client.hear(message.payload);
      if (message.type !== 'connection_ack') return;
      send({ id: 's', type: 'subscribe', payload: { query: 'subscription { said }' } });
      done();
    });
  });
  return client;
}

/** Connects one client of the kind that `oracle.toml` names. */
export async function connect(kind, url, folder, where) {
  const load = createRequire(path.join(folder, 'package.json'));
  if (kind === 'socket.io@4') return socketIo(load, 'socket.io-client', url, where);
  if (kind === 'socket.io@2') return socketIo(load, 'socket.io-client-2', url, where);
  if (kind === 'ws') return ws(load, url, where);
  if (kind === 'sockjs') return sockjs(load, url, where);
  if (kind === 'primus') return primus(load, url);
  if (kind === 'mqtt') return mqtt(load, url);
  if (kind === 'feathers') return feathers(load, url);
  if (kind === 'nest') return nest(load, url, where);
  if (kind === 'engine.io') return engineIo(load, url);
  if (kind === 'faye') return faye(load, url, where);
  if (kind === 'trpc') return trpc(load, url);
  if (kind === 'graphql') return graphql(load, url, where);
  if (kind === 'sse' || kind === 'http') return http(url, kind === 'sse');
  throw new Error(`unknown client ${kind}`);
}
