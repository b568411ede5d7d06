import type { Clock, SecretReader } from '../shared/domain/ports';
import { Unavailable } from '../shared/domain/unavailable';
import type { Provider, Verifier } from '../shared/providers/provider';

const cachedForMs = 5 * 60_000;

/** A secret is read again for a failed signature at most this often, so that forgers cannot make us ask for it all day. */
const rereadAfterMs = 30_000;

/** A provider's verifier, made from its secret as it was at `readAt`. */
interface VerifierCopy {
  readonly verifier: Verifier;
  readonly readAt: number;
}

export interface VerifierSource {
  /** The verifier, at most 5 minutes old. Throws Unavailable when the secret is missing, invalid or unreadable. */
  current(provider: Provider): Promise<VerifierCopy>;
  /** A copy newer than this one, or undefined where this one is at most 30 seconds old. Throws like `current`. */
  newerThan(provider: Provider, copy: VerifierCopy): Promise<VerifierCopy | undefined>;
}

interface State {
  copy?: VerifierCopy;
  failure?: { readonly error: unknown; readonly at: number };
  reading?: Promise<VerifierCopy>;
}

/** Keeps one verifier per provider; concurrent readers share one read. */
export function verifierCache(secrets: SecretReader, clock: Clock): VerifierSource {
  const states = new Map<string, State>();

  const stateOf = (provider: Provider): State => {
    const state = states.get(provider.name) ?? {};
    states.set(provider.name, state);
    return state;
  };

  const read = async (provider: Provider, state: State): Promise<VerifierCopy> => {
    const at = clock();
    try {
      const copy = { verifier: await readVerifier(secrets, provider), readAt: at };
      state.copy = copy;
      delete state.failure;
      return copy;
    } catch (error) {
      state.failure = { error, at };
      throw error;
    }
  };

  const readOnce = (provider: Provider, state: State): Promise<VerifierCopy> => {
    state.reading ??= read(provider, state).finally(() => {
      delete state.reading;
    });
    return state.reading;
  };

  return {
    async current(provider) {
      const state = stateOf(provider);
      const { copy, failure } = state;
      if (copy !== undefined && clock() - copy.readAt < cachedForMs) return copy;
      // A secret that was not set will hardly be set within seconds; a service that did not answer may well be back.
      if (failure !== undefined && !isOutage(failure.error) && clock() - failure.at < rereadAfterMs) throw failure.error;
      return readOnce(provider, state);
    },

    async newerThan(provider, copy) {
      const state = stateOf(provider);
      if (state.copy !== undefined && state.copy.readAt > copy.readAt) return state.copy;
      if (clock() - copy.readAt <= rereadAfterMs) return undefined;
      if (state.failure !== undefined && clock() - state.failure.at < rereadAfterMs) throw state.failure.error;
      return readOnce(provider, state);
    },
  };
}

async function readVerifier(secrets: SecretReader, provider: Provider): Promise<Verifier> {
  const json = await secrets.read(provider.name);
  if (json === undefined) throw new Unavailable('secret_missing', { detail: provider.name });
  const parsed = provider.verifierFrom(json);
  if (!parsed.ok) throw new Unavailable('secret_invalid', { detail: `${provider.name}: ${parsed.problem}` });
  return parsed.verifier;
}

function isOutage(error: unknown): boolean {
  return !(error instanceof Unavailable) || error.reason === 'secret_unreadable';
}
