/** An error as the Graph API answers it (reference §2.2). */
export interface GraphFault {
  httpStatus: number;
  code: number;
  subcode: number | undefined;
  message: string;
  details: string;
}

const TITLES: Readonly<Record<number, string>> = {
  100: "Invalid parameter",
  104: "An access token is required to request this resource.",
  190: "Invalid OAuth access token",
  130429: "Rate limit hit",
  131000: "Something went wrong",
  131008: "Required parameter is missing",
  131009: "Parameter value is not valid",
  131056: "(Business Account, Consumer Account) pair rate limit hit",
  132000: "Number of parameters does not match the expected number of params",
  132018: "Template parameters validation failed",
};

/** @param details what exactly is wrong; the HTTP status is 400 unless told otherwise */
export function graphFault(
  code: number,
  details: string,
  options: { httpStatus?: number; subcode?: number } = {},
): GraphFault {
  const message = `(#${code}) ${TITLES[code] ?? details}`;
  return { httpStatus: options.httpStatus ?? 400, code, subcode: options.subcode, message, details };
}

/** The body of the answer. @param traceId what Meta's support would ask for */
export function faultBody({ message, code, subcode, details }: GraphFault, traceId: string): string {
  return JSON.stringify({
    error: {
      message,
      type: "OAuthException",
      code,
      ...(subcode === undefined ? {} : { error_subcode: subcode }),
      error_data: { messaging_product: "whatsapp", details },
      fbtrace_id: traceId,
    },
  });
}
