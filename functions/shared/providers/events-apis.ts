import type { EventsApi } from './events-api';
import { paypalEvents } from './paypal/events-api';
import { squareEvents } from './square/events-api';
import { stripeEvents } from './stripe/events-api';

/** The providers that can be asked for past events, by name. Apart from the registry, for the receiver needs none of it. */
export const eventsApis: ReadonlyMap<string, EventsApi> = new Map(
  [stripeEvents, paypalEvents, squareEvents].map((api) => [api.provider, api]),
);
