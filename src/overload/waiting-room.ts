import { ProxyError } from "../base/failures.ts";
import type { RuleName } from "../base/report.ts";

/** Requests that wait for a backend to answer, counted so that one slow route leaves room for the others. */
export type WaitingRoom = {
  /** Takes a place until it is disposed of; throws TooManyPending when there is none, in all or for this route. */
  readonly enter: (route: RuleName) => Disposable;
  readonly waiting: () => number;
};

/** An empty room with so many places, of which one route may take `perRoute`. */
export function createWaitingRoom(places: number, perRoute: number): WaitingRoom {
  const routes = new Map<string, number>();
  let waiting = 0;
  return {
    enter: ({ kind, namespace, name }) => {
      const key = `${kind}/${namespace}/${name}`;
      const here = routes.get(key) ?? 0;
      if (waiting >= places) throw new ProxyError("TooManyPending", `${waiting} requests wait for backends`);
      if (here >= perRoute)
        throw new ProxyError("TooManyPending", `${here} requests wait for the backends of this route`);
      routes.set(key, here + 1);
      waiting += 1;
      const place = new DisposableStack();
      place.defer(() => {
        waiting -= 1;
        const left = (routes.get(key) ?? 1) - 1;
        if (left === 0) routes.delete(key);
        else routes.set(key, left);
      });
      return place;
    },
    waiting: () => waiting,
  };
}
