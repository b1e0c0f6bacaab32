/** An error as the Graph API answers it (reference §2.2). */
export interface GraphFault {
  httpStatus: number;
  code: number;
  subcode: number | undefined;
  message: string;
  details: string;
  /** `error_data` is a text instead of an object, as template endpoints have it */
  plainData: boolean;
}

const TITLES: Readonly<Record<number, string>> = {
  100: "Invalid parameter",
  104: "An access token is required to request this resource.",
  190: "Invalid OAuth access token",
  130429: "Rate limit hit",
  131000: "Something went wrong",
  131008: "Required parameter is missing",
  131009: "Parameter value is not valid",
  131016: "Service unavailable",
  131048: "Spam rate limit hit",
  131056: "(Business Account, Consumer Account) pair rate limit hit",
  132000: "Number of parameters does not match the expected number of params",
  132001: "Template name does not exist in the translation",
  132012: "Parameter format does not match format in the created template",
  132015: "Template is paused",
  132016: "Template is disabled",
  132018: "Template parameters validation failed",
};

/** @param details what exactly is wrong; the HTTP status is 400 unless told otherwise */
export function graphFault(
  code: number,
  details: string,
  options: { httpStatus?: number; subcode?: number; plainData?: boolean } = {},
): GraphFault {
  const { httpStatus = 400, subcode, plainData = false } = options;
  return { httpStatus, code, subcode, message: `(#${code}) ${TITLES[code] ?? details}`, details, plainData };
}

/** Code 100, subcode 33: what does not exist, and what the token may not see (reference §3). */
export function unknownObject(id: string): GraphFault {
  const details = `Object with ID '${id}' does not exist or cannot be loaded due to missing permissions.`;
  return graphFault(100, details, { subcode: 33 });
}

/** The body of the answer. @param traceId what Meta's support would ask for */
export function faultBody(
  { message, code, subcode, details, plainData }: GraphFault,
  traceId: string,
): string {
  return JSON.stringify({
    error: {
      message,
      type: "OAuthException",
      code,
      ...(subcode === undefined ? {} : { error_subcode: subcode }),
      error_data: plainData ? details : { messaging_product: "whatsapp", details },
      fbtrace_id: traceId,
    },
  });
}
