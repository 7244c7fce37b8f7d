import { parseListenAddress } from "../config/parse-values.ts";
import type { Invocation } from "./command.ts";
import { fail, mistakesOf, UsageError } from "./complain.ts";
import { startEchoServer } from "./echo-server.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Surroundings } from "./surroundings.ts";
import { listenForSignals, untilSignalled } from "./until-signalled.ts";

/** `fairlead echo`: a WebSocket and HTTP echo server, until it is told to stop. Resolves to the exit code. */
export async function runEcho({ flags }: Invocation, surroundings: Surroundings): Promise<ExitCode> {
  const text = String(flags["address"]);
  const address = parseListenAddress(text);
  if (!address.ok) {
    throw new UsageError(
      mistakesOf("InvalidArgument", [`--address ${JSON.stringify(text)}: expected ${address.expected}`]),
    );
  }
  const signals = listenForSignals(surroundings);
  try {
    const echo = await startEchoServer({ name: String(flags["name"]), ...address.value });
    surroundings.write(`${echo.name} echoes on ${echo.host}:${echo.port}\n`);
    return await untilSignalled({ drain: echo.close, stop: echo.close }, signals);
  } catch (error) {
    signals.forget();
    return fail(error, surroundings);
  }
}
