/** `+31612345678` -> `+316•••••78`, for logs and errors. */
export function maskPhone(phone: string): string {
  return phone.length < 7 ? phone : phone.slice(0, 4) + "•".repeat(phone.length - 6) + phone.slice(-2);
}

/** Passwords in URLs, bearer tokens and phone numbers have no place in a message or a log. */
export function maskSecrets(text: string): string {
  return text
    .replace(/(\w+:\/\/[^\s:/@]+):[^\s@/]+@/g, "$1:***@")
    .replace(/\b(Bearer)\s+[\w.~+/=-]+/gi, "$1 ***")
    .replace(/\bEAA[A-Za-z0-9]{20,}/g, "***")
    .replace(/\+[1-9]\d{7,14}\b/g, maskPhone);
}
