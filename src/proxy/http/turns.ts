/** Runs tasks that share a key one after another, those of different keys side by side. */
export type Turns<Result> = {
  readonly take: (key: object, task: () => Promise<Result>) => Promise<Result>;
  /** Tasks of this key that run or wait. */
  readonly count: (key: object) => number;
};

/**
 * Makes pipelined requests wait for one another: sent to the backend side by side, unsafe ones could overtake (RFC 9112
 * 9.3.2).
 */
export function createTurns<Result>(): Turns<Result> {
  const queues = new WeakMap<object, { last: Promise<Result>; count: number }>();

  const enqueue = (key: object, task: () => Promise<Result>): { last: Promise<Result>; count: number } => {
    const queue = queues.get(key);
    if (queue === undefined) {
      const started = { last: task(), count: 1 };
      queues.set(key, started);
      return started;
    }
    queue.last = queue.last.then(task, task);
    queue.count += 1;
    return queue;
  };

  return {
    take: (key, task) => {
      const queue = enqueue(key, task);
      const turn = queue.last;
      const leave = (): void => {
        queue.count -= 1;
        if (queue.count === 0) queues.delete(key);
      };
      turn.then(leave, leave);
      return turn;
    },
    count: (key) => queues.get(key)?.count ?? 0,
  };
}
