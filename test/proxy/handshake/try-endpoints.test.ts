import { describe, expect, it } from "vitest";
import { createBalancer } from "../../../src/balance/balancer.ts";
import {
  type Candidate,
  type PoolBackend,
  pickBackend,
  type Tries,
  tryEndpoints,
} from "../../../src/proxy/handshake/try-endpoints.ts";
import { endpointTable, forwardTo } from "../../harness/build-table.ts";

const BACKEND: PoolBackend = { type: "Pool", weight: 1, pool: "test/echo:80", tls: null };
const RULE = { kind: "Ingress", namespace: "test", name: "route", rule: "0" };

function triesOver(ports: readonly number[], max = 3): Tries {
  return {
    balancer: createBalancer(() => 0),
    endpoints: () => endpointTable({ "test/echo:80": ports }),
    max,
    mayRetry: (error) => error instanceof RangeError,
  };
}

describe("trying endpoints", () => {
  it("goes on to another endpoint while failures may be retried, and never to the same one", async () => {
    const asked: number[] = [];
    const attempt = ({ endpoint }: Candidate): Promise<string> => {
      asked.push(endpoint.port);
      return endpoint.port === 3 ? Promise.resolve("answer") : Promise.reject(new RangeError("refused"));
    };
    await expect(tryEndpoints(BACKEND, triesOver([1, 2, 3]), attempt)).resolves.toBe("answer");
    expect(asked).toEqual([1, 2, 3]);
  });

  it("stops at the first failure that may not be retried", async () => {
    const asked: number[] = [];
    const attempt = ({ endpoint }: Candidate): Promise<string> => {
      asked.push(endpoint.port);
      return Promise.reject(new TypeError("reset"));
    };
    await expect(tryEndpoints(BACKEND, triesOver([1, 2, 3]), attempt)).rejects.toThrow("reset");
    expect(asked).toEqual([1]);
  });

  it("makes no more attempts than it may, and rejects with the last failure", async () => {
    let count = 0;
    const attempt = (): Promise<string> => {
      count += 1;
      return Promise.reject(new RangeError(`refused ${count}`));
    };
    await expect(tryEndpoints(BACKEND, triesOver([1, 2, 3], 2), attempt)).rejects.toThrow("refused 2");
    expect(count).toBe(2);
  });

  it("rejects with NoReadyEndpoint when there is none", async () => {
    const attempt = (): Promise<string> => Promise.reject(new Error("never called"));
    await expect(tryEndpoints(BACKEND, triesOver([]), attempt)).rejects.toMatchObject({ failure: "NoReadyEndpoint" });
  });
});

describe("picking a backend", () => {
  it("refuses the share of a backend that cannot be used, with its own status", () => {
    const balancer = createBalancer(() => 0);
    const refusing = forwardTo([{ type: "Refuse", weight: 1, status: 500, detail: "no such Service" }]);
    expect(() => pickBackend(balancer, RULE, refusing)).toThrow(
      expect.objectContaining({ failure: "RouteRefused", status: 500 }) as Error,
    );
    expect(pickBackend(balancer, { ...RULE, rule: "1" }, forwardTo([BACKEND]))).toBe(BACKEND);
  });
});
