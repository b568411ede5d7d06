import { describe, expect, it } from '@jest/globals';
import { gatewayAnswer, gatewayResponsesFrom } from '../../../scripts/local/gateway-responses';
import { Settings } from '../../../scripts/local/settings';

const ids = { requestId: 'r-1', extendedRequestId: 'x-1=' };

const response = (values: Readonly<Record<string, string | Record<string, string>>>) => new Settings('stack: answers', values);

const responsesOf = (type: string, template: string, more: Readonly<Record<string, string | Record<string, string>>> = {}) =>
  gatewayResponsesFrom([response({ response_type: type, response_templates: { 'application/json': template }, ...more })]);

const textOf = (answer: ReturnType<typeof gatewayAnswer>): string => answer.body.toString();

describe('gatewayAnswer', () => {
  it('says what API Gateway says where nothing is configured', () => {
    const answer = gatewayAnswer(new Map(), 'THROTTLED', ids);
    expect([answer.status, textOf(answer)]).toEqual([429, '{"message":"Too Many Requests"}']);
  });

  it("takes the reason's own answer before the default of its class", () => {
    const responses = new Map([...responsesOf('DEFAULT_4XX', '{"a":1}'), ...responsesOf('THROTTLED', '{"b":2}')]);
    expect(textOf(gatewayAnswer(responses, 'THROTTLED', ids))).toBe('{"b":2}');
    expect(textOf(gatewayAnswer(responses, 'REQUEST_TOO_LARGE', ids))).toBe('{"a":1}');
    expect(textOf(gatewayAnswer(responses, 'INTEGRATION_TIMEOUT', ids))).toBe('{"message":"Endpoint request timed out"}');
  });

  it('answers a failed function by the default for 5XX, and keeps its status', () => {
    const answer = gatewayAnswer(responsesOf('DEFAULT_5XX', '{"e":$context.error.messageString}'), 'BAD_GATEWAY', ids);
    expect([answer.status, textOf(answer)]).toEqual([502, '{"e":"Internal server error"}']);
  });

  it('puts in every variable once, and none that came from outside', () => {
    const template =
      '$context.requestId $context.extendedRequestId $context.error.message $context.error.messageString $context.error.responseType';
    const answer = gatewayAnswer(responsesOf('THROTTLED', template), 'THROTTLED', { ...ids, requestId: '$context.extendedRequestId' });
    expect(textOf(answer)).toBe('$context.extendedRequestId x-1= Too Many Requests "Too Many Requests" THROTTLED');
  });

  it('has the status and the headers that were configured', () => {
    const responses = responsesOf('MISSING_AUTHENTICATION_TOKEN', '{}', {
      status_code: '404',
      response_parameters: { 'gatewayresponse.header.Retry-After': "'1'" },
    });
    expect(gatewayAnswer(responses, 'MISSING_AUTHENTICATION_TOKEN', ids)).toMatchObject({
      status: 404,
      headers: { 'Content-Type': ['application/json'], 'Retry-After': ['1'] },
    });
  });

  it('reads what a Terraform state carries where nothing was set', () => {
    expect(gatewayAnswer(responsesOf('DEFAULT_4XX', '{}', { status_code: '', response_parameters: {} }), 'THROTTLED', ids).status).toBe(
      429,
    );
  });
});

describe('gatewayResponsesFrom', () => {
  it.each([
    [
      'a variable that it does not know',
      { response_templates: { 'application/json': '$context.authorizer.id' } },
      /names \$context\.authorizer\.id/,
    ],
    ['another content type', { response_templates: { 'text/html': '<p>' } }, /has one for text\/html/],
    ['a header from the request', { response_parameters: { 'gatewayresponse.header.a': 'method.request.header.b' } }, /from the request/],
    ['a parameter that is no header', { response_parameters: { 'gatewayresponse.path.a': "'b'" } }, /is no header/],
  ])('refuses %s, and names the resource', (_what, values, message) => {
    const read = () => gatewayResponsesFrom([response({ response_type: 'DEFAULT_4XX', ...values })]);
    expect(read).toThrow(message);
    expect(read).toThrow(/^stack: answers: /);
  });
});
