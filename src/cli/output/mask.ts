/** `+31612345678` -> `+3161•••••78`, for logs and errors: five signs at least are hidden, all of a short one. */
export function maskPhone(phone: string): string {
  if (phone.length <= 7) return "•".repeat(phone.length);
  const head = Math.min(5, phone.length - 7);
  return phone.slice(0, head) + "•".repeat(phone.length - head - 2) + phone.slice(-2);
}

const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):\S*@/gi;
const SETTING = /\b(\w*(?:password|secret|token)\s*=\s*)('[^']*'|"[^"]*"|[^\s&,;]+)/gi;
const JSON_MEMBER = /("\w*(?:password|secret|token)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi;
const BEARER = /\b(Bearer)\s+[\w.~+/=-]+/gi;
/** what Meta's access tokens begin with */
const META_TOKEN = /\bEAA[A-Za-z0-9]{20,}/g;
const PHONE = /\+[1-9]\d{6,14}\b/g;

/**
 * Passwords in URLs and connection strings, bearer and Meta tokens, and phone numbers have no place in a message
 * or a log. Rather too much than too little: a password may hold any character, so all up to the last @ goes.
 */
export function maskSecrets(text: string): string {
  return text
    .replace(URL_PASSWORD, "$1:***@")
    .replace(SETTING, "$1***")
    .replace(JSON_MEMBER, '$1"***"')
    .replace(BEARER, "$1 ***")
    .replace(META_TOKEN, "***")
    .replace(PHONE, maskPhone);
}
