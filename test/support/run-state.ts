import type { RunState } from '../../scripts/local/run-state';

/** The state of a local run of this process of which nothing is there but its addresses. */
export function aRunState(state: Partial<RunState> & Pick<RunState, 'awsEndpoint'>): RunState {
  return {
    pid: process.pid,
    startedAt: '2026-11-05T09:00:00.000Z',
    apiUrl: 'http://127.0.0.1:1',
    region: 'ap-southeast-1',
    accountId: '123456789012',
    suffix: 'dev',
    secrets: {
      stripe: { signingSecrets: [] },
      paypal: { webhookIds: [], environment: 'sandbox' },
      square: { subscriptions: [] },
      generic: { signingSecrets: [] },
    },
    paypalSigner: { webhookId: '', privateKeyPem: '', certificateUrl: '' },
    outputs: {},
    resources: [],
    ...state,
  };
}
