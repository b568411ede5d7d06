/** A webhook exactly as it came in, before anything about it is believed. */
export interface WebhookRequest {
  /** Header names in lower case; when a header was sent more than once, all values in order. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** The raw bytes that the signature covers. */
  readonly body: Uint8Array;
}

/** Why a signature was not accepted. Never leaves the log and the metric: the caller always hears the same words. */
export const signatureRejections = [
  'signature_missing',
  'signature_malformed',
  'signature_mismatch',
  'timestamp_too_old',
  'timestamp_too_new',
  'algorithm_not_allowed',
  'certificate_url_rejected',
  'certificate_rejected',
] as const;
export type SignatureRejection = (typeof signatureRejections)[number];

export type Verification = { readonly ok: true } | { readonly ok: false; readonly reason: SignatureRejection };

/** Why a genuine webhook cannot be read. `field` names what is wrong, never its value. */
export type Unreadable =
  | { readonly reason: 'body_not_json_object' }
  | { readonly reason: 'field_missing' | 'field_invalid'; readonly field: string; readonly problem: string };

/** The one value of a header, or undefined when it is absent or was sent more than once with different values. */
export function singleHeader(request: WebhookRequest, name: string): string | undefined {
  const values = request.headers[name];
  if (values === undefined || values.length === 0) return undefined;
  const [first] = values;
  return values.every((value) => value === first) ? first : undefined;
}
