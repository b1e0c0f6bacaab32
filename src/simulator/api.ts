import type { HttpAnswer, HttpRequest } from "../http/serve.ts";
import { diceOf, fateOf, wamidOf } from "./fate.ts";
import { type Fault, Faults } from "./faults.ts";
import { faultBody, type GraphFault, graphFault } from "./graph.ts";
import type { Ledger } from "./ledger.ts";
import { acceptedBody, isFault, readSend, type SendRequest } from "./messages.ts";
import type { Settings } from "./options.ts";
import type { Statuses } from "./statuses.ts";
import { Throughput } from "./throughput.ts";

const SEND_PATH = /^\/v\d+\.0\/(\d+)\/messages$/;

/** Decides about each request as the Cloud API would: accepted, refused with Meta's error, or gone wrong on purpose. */
export class CloudApi {
  readonly #settings: Settings;
  readonly #ledger: Ledger;
  readonly #statuses: Statuses;
  readonly #faults: Faults | undefined;
  readonly #throughput: Throughput | undefined;

  constructor(settings: Settings, ledger: Ledger, statuses: Statuses) {
    const { faults, throughputPerSecond } = settings;
    this.#settings = settings;
    this.#ledger = ledger;
    this.#statuses = statuses;
    this.#faults = faults ? new Faults() : undefined;
    this.#throughput = throughputPerSecond === undefined ? undefined : new Throughput(throughputPerSecond);
  }

  answer({ method, path, token, body }: HttpRequest): HttpAnswer {
    if (method === "GET" && path === "/healthz") return { httpStatus: 200, body: '{"ok":true}' };
    this.#ledger.request();
    const phoneNumberId = method === "POST" ? SEND_PATH.exec(path)?.[1] : undefined;
    if (phoneNumberId === undefined) return this.#refuse(unsupported(method, path));
    const denied = this.#denied(token, phoneNumberId);
    if (denied !== undefined) return this.#refuse(denied);
    if (body === undefined)
      return this.#refuse(graphFault(100, "The request body is over 1 MB.", { httpStatus: 413 }));
    const request = readSend(body.toString("utf8"));
    return isFault(request) ? this.#refuse(request) : this.#send(request, phoneNumberId);
  }

  #denied(token: string | undefined, phoneNumberId: string): GraphFault | undefined {
    const { token: wanted, phoneNumberIds } = this.#settings;
    if (token === undefined)
      return graphFault(104, "There is no Authorization: Bearer header.", { httpStatus: 401 });
    if (wanted !== undefined && token !== wanted) {
      return graphFault(190, "Cannot parse access token.", { httpStatus: 401 });
    }
    return phoneNumberIds?.includes(phoneNumberId) === false ? unknownObject(phoneNumberId) : undefined;
  }

  #send(request: SendRequest, phoneNumberId: string): HttpAnswer {
    if (this.#throughput?.take(phoneNumberId, this.#settings.now()) === false) {
      return this.#refuse(graphFault(130429, "Cloud API message throughput has been reached."));
    }
    const fault = this.#faults?.next(request.recipient);
    return fault === undefined
      ? this.#accept(request, phoneNumberId)
      : this.#goWrong(fault, request, phoneNumberId);
  }

  #goWrong(fault: Fault, request: SendRequest, phoneNumberId: string): HttpAnswer {
    switch (fault.kind) {
      case "refused":
        return this.#refuse(fault.fault);
      case "proxy error":
        this.#ledger.refuse();
        return {
          httpStatus: fault.httpStatus,
          body: "<html><h1>Bad Gateway</h1></html>",
          contentType: "text/html",
        };
      case "reset":
        if (fault.accepted) this.#accept(request, phoneNumberId);
        else this.#ledger.refuse();
        return "reset";
      case "fails later":
        return this.#accept(request, phoneNumberId, fault.code);
    }
  }

  #accept(request: SendRequest, phoneNumberId: string, failsWith?: number): HttpAnswer {
    const { seed, shares, delays, now } = this.#settings;
    const { recipient, type, templateName, opaqueId } = request;
    const roll = diceOf(seed, recipient, this.#ledger.received(recipient));
    const fate = fateOf(roll, shares, delays, failsWith);
    const wamid = this.#newWamid(request, phoneNumberId);
    const at = now();
    const message = {
      wamid,
      to: recipient,
      phoneNumberId,
      opaqueId,
      type,
      templateName,
      at,
      outcome: fate.outcome,
    };
    this.#ledger.accept(message);
    this.#statuses.plan(message, fate, roll);
    return { httpStatus: 200, body: acceptedBody(request, wamid) };
  }

  #newWamid({ recipient, opaqueId }: SendRequest, phoneNumberId: string): string {
    for (let again = 0; ; again++) {
      const wamid = wamidOf(this.#settings.seed, phoneNumberId, recipient, opaqueId, again);
      if (!this.#ledger.knows(wamid)) return wamid;
    }
  }

  #refuse(fault: GraphFault): HttpAnswer {
    this.#ledger.refuse();
    return {
      httpStatus: fault.httpStatus,
      body: faultBody(fault, `simulator-${this.#ledger.counts().refused}`),
    };
  }
}

function unknownObject(id: string): GraphFault {
  return graphFault(
    100,
    `Object with ID '${id}' does not exist or cannot be loaded due to missing permissions.`,
    {
      subcode: 33,
    },
  );
}

function unsupported(method: string, path: string): GraphFault {
  return graphFault(100, `Unsupported ${method.toLowerCase()} request: ${path}`, {
    httpStatus: 404,
    subcode: 33,
  });
}
