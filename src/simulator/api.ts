import { setTimeout as wait } from "node:timers/promises";
import type { HttpAnswer, HttpRequest } from "../http/serve.ts";
import { Catalogue } from "./catalogue.ts";
import { Control } from "./control.ts";
import { diceOf, fateOf, wamidOf } from "./fate.ts";
import { type Fault, Faults } from "./faults.ts";
import { faultBody, type GraphFault, graphFault, unknownObject } from "./graph.ts";
import type { Ledger } from "./ledger.ts";
import { Limits } from "./limits.ts";
import { Management } from "./management.ts";
import { acceptedBody, isFault, readSend, type SendRequest } from "./messages.ts";
import type { Settings } from "./options.ts";
import { Persons } from "./persons.ts";
import { ServiceWindows } from "./service-windows.ts";
import { planStatuses } from "./statuses.ts";
import { Telling } from "./telling.ts";
import type { Receiver } from "./webhooks.ts";

const SEND_PATH = /^\/v\d+\.0\/(\d+)\/messages$/;
const OUTSIDE_WINDOW = 131047;

/** Decides about each request as the Cloud API would: accepted, refused with Meta's error, or gone wrong on purpose. */
export class CloudApi {
  readonly telling: Telling;
  readonly #settings: Settings;
  readonly #ledger: Ledger;
  readonly #faults: Faults;
  readonly #limits: Limits;
  readonly #windows = new ServiceWindows();
  readonly #catalogue: Catalogue;
  readonly #management: Management;
  readonly #persons: Persons;
  readonly #control: Control;

  constructor(settings: Settings, ledger: Ledger, receiver: Receiver) {
    const windows = this.#windows;
    this.#settings = settings;
    this.#ledger = ledger;
    this.#faults = new Faults(settings);
    this.#limits = new Limits(settings, windows);
    this.#catalogue = new Catalogue(settings.templates);
    this.#management = new Management(settings, this.#catalogue);
    this.#persons = new Persons(settings, this.#catalogue);
    this.telling = new Telling(settings, receiver, ledger, { windows, persons: this.#persons });
    this.#control = new Control(settings, this.#catalogue, this.#persons, this.telling);
  }

  answer(request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
    const { method, path, token } = request;
    if (method === "GET" && path === "/healthz") return { httpStatus: 200, body: '{"ok":true}' };
    const controlled = this.#control.answer(request);
    if (controlled !== undefined) return controlled;
    this.#ledger.request();
    const phoneNumberId = method === "POST" ? SEND_PATH.exec(path)?.[1] : undefined;
    const denied = this.#denied(token);
    if (phoneNumberId !== undefined) {
      return denied === undefined ? this.#read(request, phoneNumberId) : this.#refuse(denied);
    }
    const managed = this.#management.answer(request);
    if (managed === undefined) return this.#refuse(unsupported(method, path));
    if (denied !== undefined) return this.#refuse(denied);
    return managed !== "reset" && "details" in managed ? this.#refuse(managed) : managed;
  }

  #denied(token: string | undefined): GraphFault | undefined {
    const { token: wanted } = this.#settings;
    if (token === undefined)
      return graphFault(104, "There is no Authorization: Bearer header.", { httpStatus: 401 });
    return wanted !== undefined && token !== wanted
      ? graphFault(190, "Cannot parse access token.", { httpStatus: 401 })
      : undefined;
  }

  #read({ body }: HttpRequest, phoneNumberId: string): HttpAnswer | Promise<HttpAnswer> {
    if (this.#settings.phoneNumberIds?.includes(phoneNumberId) === false)
      return this.#refuse(unknownObject(phoneNumberId));
    if (body === undefined)
      return this.#refuse(graphFault(100, "The request body is over 1 MB.", { httpStatus: 413 }));
    const request = readSend(body.toString("utf8"));
    return isFault(request) ? this.#refuse(request) : this.#send(request, phoneNumberId);
  }

  #send(request: SendRequest, phoneNumberId: string): HttpAnswer | Promise<HttpAnswer> {
    const refused =
      (request.type === "template" ? this.#catalogue.fault(request.content) : undefined) ??
      this.#limits.take(request, phoneNumberId);
    if (refused !== undefined) {
      if (refused.code === 130429 && this.#settings.accountErrors)
        this.#control.tellError(phoneNumberId, 130429);
      return this.#refuse(refused);
    }
    const fault = this.#faults.next(request.recipient);
    return fault === undefined
      ? this.#accept(request, phoneNumberId)
      : this.#goWrong(fault, request, phoneNumberId);
  }

  async #goWrong(fault: Fault, request: SendRequest, phoneNumberId: string): Promise<HttpAnswer> {
    switch (fault.kind) {
      case "refused":
        return this.#refuse(fault.fault);
      case "not Meta's": {
        const { httpStatus, body, contentType } = fault;
        this.#ledger.refuse();
        return { httpStatus, body, contentType };
      }
      case "reset":
        if (fault.accepted) await this.#accept(request, phoneNumberId);
        else this.#ledger.refuse();
        return "reset";
      case "slow": {
        const answer = await this.#accept(request, phoneNumberId);
        await wait(this.#settings.slowMs, undefined, { ref: false });
        return answer;
      }
      case "fails later":
        return this.#accept(request, phoneNumberId, fault.code);
    }
  }

  #accept(
    request: SendRequest,
    phoneNumberId: string,
    failsWith = this.#outsideWindow(request, phoneNumberId),
  ): HttpAnswer | Promise<HttpAnswer> {
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
    planStatuses(this.#settings, this.telling, message, fate, roll);
    const reply = this.#persons.answer(message, fate, roll);
    if (reply !== undefined) this.telling.plan(reply, reply.at.getTime(), roll("reply order"));
    const answer = { httpStatus: 200, body: acceptedBody(request, wamid) };
    return this.#settings.early ? this.telling.flush().then(() => answer) : answer;
  }

  /** Only a template may go to somebody who has not written in 24 hours; Meta says so later. */
  #outsideWindow({ type, recipient }: SendRequest, phoneNumberId: string): number | undefined {
    const { serviceWindow, now } = this.#settings;
    if (!serviceWindow || type === "template") return undefined;
    return this.#windows.isOpen(phoneNumberId, recipient, now()) ? undefined : OUTSIDE_WINDOW;
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

function unsupported(method: string, path: string): GraphFault {
  const details = `Unsupported ${method.toLowerCase()} request: ${path}`;
  return graphFault(100, details, { httpStatus: 404, subcode: 33 });
}
