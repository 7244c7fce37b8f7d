/**
 * From now on no signal starts Node's inspector, which would let whoever reaches its port run any code, and
 * `Object.prototype.__proto__` is gone also where the process was started without --disable-proto=delete (ADR 0008).
 */
export function hardenProcess(): void {
  // A listener of our own takes the place of Node's.
  process.on("SIGUSR1", () => {});
  Reflect.deleteProperty(Object.prototype, "__proto__");
}
