#!/usr/bin/env node
'use client';
import React, { useState as use, type FC } from 'react';
import * as ns from "./ns";
import fs = require('fs');
export * from './all';
export { a as b, default } from './some';
/** @typedef {import('x').Y} Y */
declare global { var io: unknown }
namespace Outer.Inner { export const value = 1; export function f() {} }
enum Level { Low, High = 'high' }
export interface Shape<T extends object = {}> extends Base<T> { readonly a?: string; m(x: number): void; [k: string]: unknown }
type Mapped = { [K in keyof Shape]?: Shape[K] } | null;
@Decorated({ a: 1 })
export abstract class Widget<T> extends Base<T> implements Shape {
  #secret = new Map<string, Set<number>>();
  static count = 0;
  static { Widget.count++; }
  constructor(private readonly io: Server, @Inject() public name?: string) { super(io); }
  get size(): number { return this.#secret.size; }
  set size(value) { this.#secret.clear(); }
  @On('message') async *stream([first, , ...rest]: string[], { a: { b = 2 }, ...others }: any) {
    outer: for await (const item of this.source) {
      if (!item) continue outer;
      switch (item.kind) { case 'x': yield* item; break; default: yield item ?? null; }
    }
  }
}
export default async function main(this: Window, ...args: unknown[]) {
  const { x = 1, y: [z] } = args[0] as any;
  let i = 0, total;
  for (var k in ns) { total ||= k in ns ? k : `${k}!`; }
  do { i += 1; } while (i < 10 && !total);
  try { await import('./lazy'); } catch { delete ns.cache[`key`]; } finally { i--; }
  const sql = tag`select ${x} from ${z}`;
  label: { break label; }
  return (io!.to<string>(x)?.emit?.('a', ...args), <FC<{}>>z);
}
const App = () => <div onClick={() => use(1)} {...ns.props}><ns.Item>{/* note */}text &amp; {sql}</ns.Item><></></div>;
var self = this, fn = function named() { return new.target || arguments.length || named; };
module.exports = { App, 'quoted-key': 1, [Symbol.iterator]() {}, get g() { return /re[/]gex/g; }, async *h() {} };
